# SPDX-License-Identifier: Apache-2.0
"""Others keep packets of a service from being tracked, as is common for name servers."""

from harness import case
from harness import policies
from harness import probe

_NOTRACK = """\
table inet others {
  chain in { type filter hook prerouting priority raw; udp dport 53 notrack; tcp dport 80 notrack; }
  chain out { type filter hook output priority raw; udp sport 53 notrack; tcp sport 80 notrack; \
udp sport 54 notrack; }
}
"""


class Notrack(case.FleetCase):
  HOSTS = {"web1": {}}

  def test_a_service_answers_where_only_some_may_be_sent_to(self):
    node, outsider = self.node("web1"), self.fleet.outsider
    node.run("nft", "-f", "-", text_input=_NOTRACK)
    self.fleet.listen("web1", "tcp/80", "udp/53-54")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80", "udp/53") + f"""\
outbound:
  default: block
  allow:
    - {{protocol: tcp, ports: 7443, to: [{self.fleet.controller_node.ipv4()}]}}
"""))
    for address in node.addresses():
      self.assertTrue(probe.udp(outsider, address, 53), address)
      self.assertEqual(probe.tcp_one(outsider, address, 80), "open", address)
      self.assertFalse(probe.udp(outsider, address, 54), address)
    # Untracked packets from ports that are not open do not leave.
    sender = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', {}));" \
             "s.sendto(b'x', ('{}', 9))"
    self.assertNotEqual(
        node.run("python3", "-c", sender.format(5454, outsider.ipv4()), check=False).returncode, 0)
