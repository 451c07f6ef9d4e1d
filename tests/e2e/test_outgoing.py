# SPDX-License-Identifier: Apache-2.0
"""Flows that a host itself begins."""

import re
import socket

from harness import case
from harness import policies
from harness import probe
from harness import process


def _send(address, port):
  family = socket.AF_INET6 if ":" in address else socket.AF_INET
  with socket.socket(family, socket.SOCK_DGRAM) as sender:
    try:
      sender.sendto(b"hello", (address, port))
    except PermissionError:
      pass  # the packet was dropped, and the kernel told the sender


class Outgoing(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.traffic(cls.fleet.outsider, "listen", "tcp/80", "tcp/2500", "udp/53")

  def reach(self):
    """What web1 reaches on the outsider, equal for IPv4 and IPv6."""
    seen = []
    for address in self.fleet.outsider.addresses():
      host = self.node("web1")
      states = probe.tcp(host, [(address, 80), (address, 2500)])
      seen.append({
          "80": states[(address, 80)] == "open",
          "2500": states[(address, 2500)] == "open",
          "udp": probe.udp(host, address, 53),
          "ping": probe.ping(host, address),
      })
    self.assertEqual(seen[0], seen[1])
    return seen[0]

  def test_a_closed_host_reaches_everything_and_gets_its_answers(self):
    self.fleet.apply(policies.policy("subject", "all", "firewall: on"))
    self.assertEqual(self.reach(), {"80": True, "2500": True, "udp": True, "ping": True})

  def test_outbound_block_stops_just_what_it_names(self):
    self.fleet.apply(policies.policy("subject", "all", """\
outbound:
  block:
    - {protocol: tcp, ports: 2500}
    - {protocol: udp, ports: 53, to: [10.77.0.0/24, "fd77::/64"]}
"""))
    self.assertEqual(self.reach(), {"80": True, "2500": False, "udp": False, "ping": True})

  def test_an_answered_exchange_over_udp_is_remembered_for_two_minutes(self):
    """RFC 4787, 4.3. The kernel takes a flow for answered that has had answers for two seconds."""
    self.fleet.apply(policies.policy("subject", "all", "firewall: on"))
    node, outsider = self.node("web1"), self.fleet.outsider

    def left(port):
      """For how many seconds the kernel remembers the host's flow to the port."""
      done = node.run("conntrack", "-L", "-p", "udp", "--sport", "5300", "--dport",
                      str(port), check=False)
      times = re.findall(r"^udp +17 (\d+) ", done.stdout, re.MULTILINE)
      return int(times[0]) if times else 0

    with node.inside(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
      sender.bind(("", 5300))

      def exchange(port):
        try:
          sender.sendto(b"x", (outsider.ipv4(), port))
        except ConnectionRefusedError:
          pass  # what the host sent before has come to nobody
        return left(port)

      process.wait_until(lambda: exchange(53) > 60, "an answered flow is remembered for longer")
      self.assertLessEqual(left(53), 120)
      self.assertLessEqual(exchange(10), 60)

  def test_whom_a_policy_blocks_has_nothing_to_respond_to(self):
    host, outsider = self.node("web1"), self.fleet.outsider
    self.fleet.listen("web1", "udp/5000")
    allow = "  allow: [{protocol: udp, ports: 1000, responses: [udp/5000]}]\n"
    block = "  block: [{protocol: udp, ports: 1000, to: [10.77.0.200, \"fd77:0::200\"]}]\n"
    for outbound, comes in ((block + allow, False), (allow, True)):
      self.fleet.apply(policies.policy("subject", "all", "outbound:\n" + outbound))
      for there, here in zip(outsider.addresses(), host.addresses()):
        host.inside(lambda there=there: _send(there, 1000))
        self.assertEqual(probe.udp(outsider, here, 5000), comes, here)

  def test_outbound_default_block_lets_out_just_what_is_allowed(self):
    self.fleet.apply(policies.policy("subject", "all", """\
outbound:
  default: block
  allow:
    - {service: firebreak}
    - {protocol: tcp, ports: 80}
"""))
    seen = self.reach()
    self.assertEqual((seen["80"], seen["2500"], seen["udp"]), (True, False, False))
    self.fleet.apply(policies.policy("subject", "all", "outbound: {default: allow}"))
    self.assertEqual(self.reach(), {"80": True, "2500": True, "udp": True, "ping": True})
