# SPDX-License-Identifier: Apache-2.0
"""Settings for one interface replace the policy's own settings there."""

from harness import case
from harness import policies
from harness import probe


class Interfaces(case.FleetCase):
  OPTIONS = {"interfaces": 2}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.listen("web1", "tcp/80-82")

  def reach(self):
    """The open ports among 80, 81 and 82 by interface, equal for IPv4 and IPv6."""
    by_interface = []
    for interface in (0, 1):
      seen = []
      for address in self.node("web1").addresses(interface):
        states = probe.tcp(self.fleet.outsider, [(address, port) for port in (80, 81, 82)])
        seen.append({port for (_, port), state in states.items() if state == "open"})
      self.assertEqual(seen[0], seen[1])
      by_interface.append(seen[0])
    return by_interface

  def apply(self, section):
    body = policies.opened("tcp/80") + "interfaces:\n" + section
    self.fleet.apply(policies.policy("subject", "all", body))

  def test_port_mappings_of_an_interface(self):
    self.apply("  - {match: {names: [eth1]}, port_mappings: [{protocol: tcp, ports: 81}]}")
    self.assertEqual(self.reach(), [{80}, {81}])

  def test_an_empty_list_closes_an_interface(self):
    self.apply("  - {match: {names: [eth1]}, port_mappings: []}")
    self.assertEqual(self.reach(), [{80}, set()])

  def test_the_firewall_can_be_off_for_one_interface(self):
    self.apply('  - {match: {names: [eth0]}, firewall: "off"}')
    self.assertEqual(self.reach(), [{80, 81, 82}, {80}])

  def test_ping_can_be_allowed_on_one_interface(self):
    self.apply("  - {match: {names: [eth1]}, icmp: [echo-request]}")
    node = self.node("web1")
    self.assertFalse(probe.ping(self.fleet.outsider, node.ipv4(0)))
    self.assertTrue(probe.ping(self.fleet.outsider, node.ipv4(1)))
    self.assertTrue(probe.ping(self.fleet.outsider, node.ipv6(1)))

  def test_a_pattern_matches_several(self):
    self.apply('  - {match: {names: ["eth*"]}, port_mappings: [{protocol: tcp, ports: 82}]}')
    self.assertEqual(self.reach(), [{82}, {82}])

  def test_a_new_interface_is_covered_before_it_carries_traffic(self):
    """An interface that is added after the policy is treated as the policy says."""
    self.apply("  - {match: {names: [late0]}, port_mappings: [{protocol: tcp, ports: 82}]}")
    node, outsider = self.node("web1"), self.fleet.outsider
    outsider.run("ip", "link", "add", "late0", "type", "veth", "peer", "name", "late0", "netns",
                 node.namespace)
    self.addCleanup(outsider.run, "ip", "link", "delete", "late0")
    for end, number in ((outsider, 200), (node, 11)):
      end.run("ip", "address", "add", f"10.77.99.{number}/24", "dev", "late0")
      end.run("ip", "link", "set", "late0", "up")
    targets = [("10.77.99.11", port) for port in (80, 81, 82)]
    first = probe.tcp(outsider, targets)
    self.assertEqual(first[("10.77.99.11", 81)], "filtered")
    self.fleet.wait_status(
        "web1", lambda status: "late0" in [one["name"] for one in status["facts"]["interfaces"]],
        "reports late0")
    self.assertEqual(list(probe.tcp(outsider, targets).values()), ["filtered", "filtered", "open"])

  def firewall_of(self, name):
    for one in self.fleet.status("web1")["receipt"]["interfaces"]:
      if one["name"] == name:
        return one.get("firewall")
    return None

  def wait_firewall(self, name, firewall):
    self.fleet.wait_status("web1", lambda _: self.firewall_of(name) == firewall,
                           f"{name} is {firewall}")

  def test_a_port_of_a_bridge_is_not_said_to_be_guarded(self):
    node = self.node("web1")
    node.run("ip", "link", "add", "guarded0", "type", "veth", "peer", "name", "other0")
    self.addCleanup(node.run, "ip", "link", "delete", "guarded0")
    self.fleet.apply(policies.policy("subject", "all", 'firewall: "on"'))
    self.wait_firewall("guarded0", "on")
    node.run("ip", "link", "add", "bridge0", "type", "bridge")
    self.addCleanup(node.run, "ip", "link", "delete", "bridge0")
    node.run("ip", "link", "set", "guarded0", "master", "bridge0")
    self.wait_firewall("guarded0", "bridged")
    page = self.fleet.cli("host", "interfaces", "web1", check=0).stdout
    self.assertRegex(page, r"guarded0 .*bridged")
    node.run("ip", "link", "set", "guarded0", "nomaster")
    self.wait_firewall("guarded0", "on")

  def test_a_misspelt_name_is_told_wherever_it_stands(self):
    """Whatever is set for an interface that no host has would be in force nowhere."""
    for body, field in (
        ("interfaces:\n  - {match: {names: [etj1]}, icmp: [echo-request]}\n",
         "interfaces.match.names"),
        ("sharing: {public: etj1, private: [eth1]}\n", "sharing.public"),
        ("sharing: {public: eth0, private: [etj1]}\n", "sharing.private"),
        ("forward: {allow: [{in: {names: [etj1]}, protocol: tcp, ports: 80}]}\n", "forward in"),
        ("forward: {block: [{out: {names: [etj1]}, protocol: tcp, ports: 80}]}\n", "forward out")):
      done = self.fleet.cli("diff", "-f", self.fleet.write(policies.policy("other", "all", body)))
      self.assertRegex(done.stdout + done.stderr,
                       f"{field}: none of its hosts has an interface .etj1. now.*eth[01]", field)

  def test_a_pattern_that_means_only_bridges_is_refused_like_their_names(self):
    node = self.node("web1")
    node.run("ip", "link", "add", "bridge0", "type", "bridge")
    self.addCleanup(node.run, "ip", "link", "delete", "bridge0")
    self.wait_firewall("bridge0", self.firewall_of("eth0"))
    for name in ("bridge0", '"bridge*"'):
      done = self.fleet.apply(
          policies.policy("subject", "all",
                          f'interfaces:\n  - {{match: {{names: [{name}]}}, firewall: "on"}}'),
          check=1)
      self.assertIn("cannot be given a firewall of its own", done.stdout + done.stderr)
    self.fleet.apply(policies.policy("subject", "all", 'firewall: "on"'))
