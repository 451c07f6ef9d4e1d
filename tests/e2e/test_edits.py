# SPDX-License-Identifier: Apache-2.0
"""Edits from the command line have precedence over all policies; some verbs only show."""

from harness import case
from harness import policies
from harness import probe


class Edits(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for host in cls.HOSTS:
      cls.fleet.listen(host, "tcp/80-81")
    cls.fleet.apply(policies.group("web", "role", "web") +
                    policies.policy("subject", "web", policies.opened("tcp/80")))

  def opened(self, host):
    address = self.node(host).ipv4()
    states = probe.tcp(self.fleet.outsider, [(address, 80), (address, 81)])
    return {port for (_, port), state in states.items() if state == "open"}

  def settle(self):
    wanted = self.fleet.revision()
    for host in self.HOSTS:
      self.fleet.wait_status(
          host, lambda status: int(status.get("revision", 0)) >= wanted, f"has {wanted}")

  def test_mapping_add_opens_on_one_host_until_it_is_removed(self):
    self.fleet.cli("mapping", "add", "--host", "web1", "--protocol", "tcp", "--ports", "81",
                   "--name", "extra", check=0)
    self.settle()
    self.assertEqual((self.opened("web1"), self.opened("web2")), ({80, 81}, {80}))
    self.assertIn("extra", self.fleet.cli("mapping", "list", "--host", "web1", check=0).stdout)
    self.fleet.cli("mapping", "remove", "--host", "web1", "extra", check=0)
    self.settle()
    self.assertEqual((self.opened("web1"), self.opened("web2")), ({80}, {80}))

  def test_disable_opens_a_group_and_enable_closes_it(self):
    self.fleet.cli("disable", "--group", "web", check=0)
    self.settle()
    self.assertEqual((self.opened("web1"), self.opened("web2")), ({80, 81}, {80, 81}))
    self.fleet.cli("enable", "--host", "web1", check=0)
    self.settle()
    self.fleet.cli("enable", "--group", "web", check=0)
    self.settle()
    self.assertEqual((self.opened("web1"), self.opened("web2")), ({80}, {80}))
    self.assertEqual({edit["group"]: edit["firewall"] for edit in self.fleet.json("switch", "list")},
                     {"web": "on", "host:web1": "on"})
    self.fleet.cli("switch", "clear", "--group", "web", check=0)
    self.fleet.cli("switch", "clear", "--host", "web1", check=0)
    self.assertEqual(self.fleet.json("switch", "list"), [])

  def test_diff_shows_what_would_change_and_changes_nothing(self):
    before = self.fleet.revision()
    changed = self.fleet.write(policies.policy("subject", "web", policies.opened("tcp/81")))
    shown = self.fleet.cli("diff", "-f", changed, check=0).stdout
    self.assertRegex(shown, r"(?m)^-.*80")
    self.assertRegex(shown, r"(?m)^\+.*81")
    self.assertRegex(shown, r"\b2 hosts\b")
    self.assertEqual(self.fleet.revision(), before)
    self.assertEqual(self.opened("web1"), {80})

  def test_what_get_prints_is_what_apply_takes(self):
    text = self.fleet.cli("get", "all", "-o", "yaml", check=0).stdout
    self.assertIn("subject", text)
    before = self.fleet.revision()
    self.fleet.apply(text)
    self.assertEqual(self.fleet.revision(), before)

  def test_the_same_again_makes_no_revision(self):
    text = policies.policy("subject", "web", policies.opened("tcp/80"))
    self.fleet.apply(text)
    before = self.fleet.revision()
    self.assertIn("no change", self.fleet.apply(text).stdout)
    self.assertEqual(self.fleet.revision(), before)

  def test_rules_are_shown_as_the_kernel_has_them(self):
    shown = self.fleet.cli("host", "rules", "web1", "--elements", check=0).stdout
    self.assertIn("table inet firebreak", shown)
    # nft(8) accepts the shown rules, but for a key that it prints itself and does not read: it gives
    # the original destination port no type when it stands beside a protocol.
    accepted = "".join(line for line in shown.splitlines(keepends=True)
                       if "ct original proto-dst" not in line)
    self.node("web2").run("nft", "--check", "-f", self.fleet.write(accepted, ".nft"))
