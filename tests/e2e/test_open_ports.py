# SPDX-License-Identifier: Apache-2.0
"""Seen from another namespace, exactly the mapped ports of a host are open."""

from harness import case
from harness import probe

_LISTENING = ["tcp/22", "tcp/80-81", "tcp/1500", "tcp/7999-8011", "tcp/9000-9001", "udp/53",
              "udp/123", "udp/4999-5003"]
_POLICY = """\
kind: Policy
name: subject
groups: [all]
firewall: on
port_mappings:
  - service: ssh
  - {name: hole, protocol: tcp, ports: 8005, action: block}
  - {protocol: tcp, ports: [80, 8000-8010]}
  - {name: for-the-outsider, protocol: tcp, ports: 9000, from: [10.77.0.200, "fd77::200/128"]}
  - {name: for-others, protocol: tcp, ports: 9001, from: [10.77.9.0/24, "fd77:9::/64"]}
  - {name: nobody-listens, protocol: tcp, ports: 8100}
  - {protocol: udp, ports: [53, 5000-5002]}
"""
_OPEN_TCP = {22, 80, 9000, *range(8000, 8011)} - {8005}
_CLOSED_TCP = {8100}
_OPEN_UDP = {53, 5000, 5001, 5002}


class OpenPorts(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.listen("web1", *_LISTENING)
    host = cls.fleet.hosts["web1"].node
    # Without a policy all listeners can be reached, so the policy is what filters later.
    for address in host.addresses():
      targets = [(address, port) for port in (22, 81, 1500, 8005, 9001)]
      before = probe.tcp(cls.fleet.outsider, targets)
      assert set(before.values()) == {"open"}, before
      assert probe.udp(cls.fleet.outsider, address, 123)
    cls.fleet.apply(_POLICY)

  def assert_tcp(self, address, ports):
    found, others = probe.nmap(
        self.fleet.outsider, address, "-sS", "-p", ports, "--min-rate", "8000")
    states = {}
    for port, state in found.items():
      states.setdefault(state, set()).add(port)
    self.assertEqual(states.get("open", set()), _OPEN_TCP)
    self.assertEqual(states.get("closed", set()), _CLOSED_TCP)
    self.assertEqual(set(states) - {"open", "closed", "filtered"}, set())
    self.assertEqual(set(others), {"filtered"})

  def test_nmap_finds_exactly_the_mapped_tcp_ports_of_all_65535_ipv4(self):
    self.assert_tcp(self.node("web1").ipv4(), "1-65535")

  def test_nmap_finds_exactly_the_mapped_tcp_ports_ipv6(self):
    self.assert_tcp(self.node("web1").ipv6(), "1-2000,7990-9010,65000-65535")

  def test_nmap_finds_exactly_the_mapped_udp_ports(self):
    for address in self.node("web1").addresses():
      with self.subTest(address=address):
        found, others = probe.nmap(
            self.fleet.outsider, address, "-sU", "-p", "50-60,120-125,4990-5010")
        opened = {port for port, state in found.items() if state == "open"}
        self.assertEqual(opened, _OPEN_UDP)
        self.assertEqual(set(found.values()) | set(others), {"open", "open|filtered"})

  def test_a_connection_must_begin_with_a_lone_syn(self):
    for scan in ("-sA", "-sF", "-sX", "-sN"):
      with self.subTest(scan=scan):
        found, others = probe.nmap(
            self.fleet.outsider, self.node("web1").ipv4(), scan, "-p", "80,81,8100")
        # A host that answered with a RST would be reported as "closed" or "unfiltered".
        self.assertLessEqual(set(found.values()) | set(others), {"filtered", "open|filtered"})

  def test_from_lets_in_only_its_prefixes(self):
    for address in self.node("web1").addresses():
      targets = [(address, 9000), (address, 9001), (address, 80)]
      from_outsider = probe.tcp(self.fleet.outsider, targets)
      from_controller = probe.tcp(self.fleet.controller_node, targets)
      self.assertEqual(list(from_outsider.values()), ["open", "filtered", "open"])
      self.assertEqual(list(from_controller.values()), ["filtered", "filtered", "open"])

  def test_ipv6_neighbours_are_still_found(self):
    for node in (self.fleet.outsider, self.node("web1")):
      node.run("ip", "-6", "neigh", "flush", "all")
    self.assertEqual(
        probe.tcp_one(self.fleet.outsider, self.node("web1").ipv6(), 80, timeout=4), "open")
