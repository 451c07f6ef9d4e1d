# SPDX-License-Identifier: Apache-2.0
"""`ping` answers only where `icmp` allows it."""

from harness import case
from harness import policies
from harness import probe


class Icmp(case.FleetCase):

  def assert_ping(self, expected):
    for address in self.node("web1").addresses():
      with self.subTest(address=address):
        self.assertEqual(probe.ping(self.fleet.outsider, address), expected)

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for address in cls.fleet.hosts["web1"].node.addresses():
      assert probe.ping(cls.fleet.outsider, address)  # holds as long as no policy says otherwise

  def test_ping_answers_only_with_echo_request(self):
    self.fleet.apply(policies.policy("subject", "all", 'firewall: "on"'))
    self.assert_ping(False)
    self.fleet.apply(policies.policy("subject", "all", "icmp: [echo-request]"))
    self.assert_ping(True)
    self.fleet.apply(policies.policy("subject", "all", "icmp: []"))
    self.assert_ping(False)

  def test_echo_request_opens_no_other_request(self):
    self.fleet.apply(policies.policy("subject", "all", "icmp: [echo-request]"))
    address = self.node("web1").ipv4()
    found = self.fleet.outsider.run(
        "nmap", "-n", "-sn", "-PP", "--disable-arp-ping", "--max-retries", "1", address)
    self.assertIn("0 hosts up", found.stdout)  # a timestamp request
    self.fleet.apply(policies.policy("subject", "all", "icmp: [timestamp-request]"))
    found = self.fleet.outsider.run("nmap", "-n", "-sn", "-PP", "--disable-arp-ping", address)
    self.assertIn("1 host up", found.stdout)
    self.assert_ping(False)
