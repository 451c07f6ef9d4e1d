# SPDX-License-Identifier: Apache-2.0
"""The precedence of several policies for one host."""

from harness import case
from harness import policies
from harness import probe


class Precedence(case.FleetCase):
  HOSTS = {"web1": {"role": "web", "site": "north"}, "web2": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for host in cls.HOSTS:
      cls.fleet.listen(host, "tcp/80-83")
    cls.fleet.apply(
        policies.group("web", "role", "web") + policies.group("north", "site", "north"))

  def setUp(self):
    self.addCleanup(self.delete_policies)

  def delete_policies(self):
    for policy in self.fleet.json("get", "policies"):
      self.fleet.cli("delete", "policy", policy["name"], check=0)

  def opened(self, host):
    address = self.node(host).ipv4()
    states = probe.tcp(self.fleet.outsider, [(address, port) for port in range(80, 84)])
    return {port for (_, port), state in states.items() if state == "open"}

  def test_mappings_of_a_hosts_groups_add_up(self):
    self.fleet.apply(
        policies.policy("a", "all", policies.opened("tcp/80")) +
        policies.policy("b", "web", policies.opened("tcp/81")) +
        policies.policy("c", "north", policies.opened("tcp/82")) +
        policies.policy("d", '"host:web2"', policies.opened("tcp/83")))
    self.assertEqual(self.opened("web1"), {80, 81, 82})
    self.assertEqual(self.opened("web2"), {80, 81, 83})

  def test_block_takes_away_what_lower_policies_open_and_no_more(self):
    block = "port_mappings:\n" + policies.mapping("tcp", "80-81", action="block")
    self.fleet.apply(
        policies.policy("low", "web", policies.opened("tcp/80-82"), priority=1) +
        policies.policy("middle", "north", block, priority=2) +
        policies.policy("top", "north", policies.opened("tcp/81"), priority=3))
    self.assertEqual(self.opened("web1"), {81, 82})
    self.assertEqual(self.opened("web2"), {80, 81, 82})

  def test_the_higher_policy_sets_the_firewall(self):
    self.fleet.apply(
        policies.policy("low", "web", "firewall: on", priority=1) +
        policies.policy("top", "north", 'firewall: "off"', priority=2))
    self.assertEqual(self.opened("web1"), {80, 81, 82, 83})
    self.assertEqual(self.opened("web2"), set())
