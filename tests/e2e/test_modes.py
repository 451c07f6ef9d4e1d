# SPDX-License-Identifier: Apache-2.0
"""The modes on, off and observe, and unmanaged hosts."""

from harness import case
from harness import netfilter
from harness import policies
from harness import probe


class Modes(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "db1": {"role": "db"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for host in cls.HOSTS:
      cls.fleet.listen(host, "tcp/80", "tcp/81", "udp/53")

  def reach(self, host="web1"):
    """The states of (80, 81, udp 53, ping), equal for IPv4 and IPv6."""
    seen = []
    for address in self.node(host).addresses():
      outsider = self.fleet.outsider
      states = probe.tcp(outsider, [(address, 80), (address, 81)])
      seen.append((*(state == "open" for state in states.values()),
                   probe.udp(outsider, address, 53), probe.ping(outsider, address)))
    self.assertEqual(seen[0], seen[1])
    return seen[0]

  def apply_mode(self, mode):
    body = f'firewall: "{mode}"\n' + policies.opened("tcp/80")
    self.fleet.apply(policies.group("web", "role", "web") + policies.policy("subject", "web", body))

  def test_on_closes_off_opens_all_and_observe_drops_nothing(self):
    self.apply_mode("on")
    self.assertEqual(self.reach(), (True, False, False, False))
    self.apply_mode("observe")
    self.assertEqual(self.reach(), (True, True, True, True))
    self.apply_mode("on")
    self.assertEqual(self.reach(), (True, False, False, False))
    self.apply_mode("off")
    self.assertEqual(self.reach(), (True, True, True, True))

  def test_a_host_that_no_policy_selects_has_no_table(self):
    self.apply_mode("on")
    self.assertTrue(netfilter.has_table(self.node("web1")))
    self.assertFalse(netfilter.has_table(self.node("db1")))
    self.assertEqual(self.reach("db1"), (True, True, True, True))
    status = self.fleet.status("db1")
    self.assertEqual(status["rollout"], "unmanaged")

  def test_a_host_that_no_policy_selects_any_more_loses_its_table(self):
    self.apply_mode("on")
    self.fleet.cli("delete", "policy", "subject", check=0)
    self.fleet.wait_status(
        "web1", lambda status: status.get("rollout") == "unmanaged", "is unmanaged")
    self.assertFalse(netfilter.has_table(self.node("web1")))
    self.assertEqual(self.reach(), (True, True, True, True))

  def test_firebreak_touches_no_other_table(self):
    node = self.node("web1")
    node.run("nft", "add table inet other; add chain inet other c; "
             "add rule inet other c tcp dport 1 drop")
    before = node.run("nft", "-a", "list", "table", "inet", "other").stdout
    for mode in ("off", "observe", "on"):
      self.apply_mode(mode)
    self.assertEqual(node.run("nft", "-a", "list", "table", "inet", "other").stdout, before)
