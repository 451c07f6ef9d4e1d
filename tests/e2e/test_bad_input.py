# SPDX-License-Identifier: Apache-2.0
"""Wrong files are refused whole: every error has file and line, exit status 3, nothing changes."""

import re

from harness import case
from harness import netfilter
from harness import policies


class BadInput(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))

  def setUp(self):
    monitor = netfilter.Monitor(self.node("web1"), self.fleet.directory)
    self.addCleanup(monitor.close)
    self.addCleanup(lambda: self.assertEqual(monitor.changes(), []))

  def refused_at(self, text, line, reason):
    self.assert_refused(text, rf"\.yaml:{line}: .*{reason}")

  def test_malformed_yaml(self):
    self.refused_at("kind: Group\nname: a\nmatch: {role: [web\n", r"\d+", "")
    self.refused_at("kind: Group\nname: 'a\n", r"\d+", "")

  def test_an_unknown_field_and_the_one_that_was_meant(self):
    self.refused_at("kind: Policy\nname: a\ngroups: [all]\nport_mapings: []\n", 4, "port_mappings")

  def test_port_70000(self):
    self.refused_at(policies.policy("a", "all", policies.opened("tcp/70000")), 6, "65535")

  def test_a_reversed_range_and_port_0(self):
    self.refused_at(policies.policy("a", "all", policies.opened("tcp/20-10")), 6, "20-10")
    self.refused_at(policies.policy("a", "all", policies.opened("tcp/0")), 6, "0")

  def test_from_that_is_no_prefix(self):
    for prefix in ("corp", "10.0.0.0/33", "300.1.2.3/8", '"fd77::/129"'):
      body = "port_mappings:\n" + policies.mapping("tcp", 80, **{"from": f"[{prefix}]"})
      self.refused_at(policies.policy("a", "all", body), 6, re.escape(prefix.strip('"')))

  def test_a_prefix_with_host_bits_and_the_corrected_one(self):
    body = "port_mappings:\n" + policies.mapping("tcp", 80, **{"from": "[10.1.2.3/8]"})
    self.refused_at(policies.policy("a", "all", body), 6, r"10\.0\.0\.0/8")

  def test_mappings_that_contradict_each_other(self):
    body = ("outbound:\n  allow: [{protocol: tcp, ports: 80}]\n"
            "  block: [{protocol: tcp, ports: 80, name: other}]\n")
    done = self.assert_refused(policies.policy("a", "all", body), r"\.yaml:\d+: ")
    self.assertRegex(done.stderr, r"(?s)6.*7|7.*6")  # both lines are named

  def test_a_group_that_does_not_exist(self):
    self.refused_at(policies.policy("a", "nowhere", "firewall: on"), 3, "nowhere")

  def test_unknown_kinds_services_and_modes(self):
    self.refused_at("kind: Polizy\nname: a\n", 1, "Policy")
    self.refused_at(policies.policy("a", "all", "firewall: maybe"), 5, "observe")
    self.refused_at(policies.policy("a", "all", "port_mappings:\n  - service: shh"), 6, "shh")

  def test_a_name_given_twice(self):
    text = policies.policy("a", "all", "firewall: on")
    self.assert_refused(text + text, r"\.yaml:\d+: ")

  def test_every_error_of_every_file_is_listed_and_nothing_of_them_applied(self):
    good = policies.group("fine", "role", "web")
    first = self.fleet.write(good + policies.policy("a", "nowhere", policies.opened("tcp/70000")))
    second = self.fleet.write("kind: Group\nname: UPPER\nmatch: {}\ncolour: red\n")
    before = self.fleet.revision()
    done = self.fleet.cli("apply", "-f", first, "-f", second, check=3)
    located = [re.match(r"(\S+):(\d+): ", line) for line in done.stderr.splitlines()]
    located = [(found[1], int(found[2])) for found in located if found]
    self.assertIn((first, 7), located)
    self.assertIn((first, 10), located)
    self.assertGreaterEqual(len([place for place in located if place[0] == second]), 2)
    self.assertIn("nothing was changed", done.stderr)
    self.assertEqual(self.fleet.revision(), before)
    self.assertNotIn("fine", self.fleet.cli("get", "groups", check=0).stdout)

  def test_a_file_of_50_mb(self):
    text = policies.policy("a", "all", "port_mappings:\n" + "  # nothing to see\n" * 2_600_000)
    self.assertGreater(len(text), 49_000_000)
    self.assert_refused(text, "MiB")

  def test_aliases_that_would_explode(self):
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for one, other in zip("bcdefgh", "abcdefg"):
      lines.append(f"{one}: &{one} [{','.join([f'*{other}'] * 9)}]")
    self.assert_refused("\n".join(lines) + "\n", r"\.yaml:1: ")

  def test_nesting_without_end(self):
    self.assert_refused("kind: " + "[" * 100_000 + "\n", r"\.yaml:1: ")

  def test_bytes_that_are_no_text(self):
    path = self.fleet.path("bytes.yaml")
    with open(path, "wb") as out:
      out.write(b"kind: Group\nname: \xff\xfe\x00\x1b[31m\n")
    before = self.fleet.revision()
    done = self.fleet.cli("apply", "-f", path, check=3)
    self.assertNotIn("\x1b", done.stderr)  # the error contains no escape sequences for the terminal
    self.assertEqual(self.fleet.revision(), before)

  def test_wrong_usage_is_exit_2(self):
    self.fleet.cli("apply", check=2)
    self.fleet.cli("frobnicate", check=2)
    self.fleet.cli("host", "status", check=2)

  def test_what_does_not_exist_is_exit_1(self):
    self.fleet.cli("get", "policy", "nowhere", check=1)
    self.assertIn("web1", self.fleet.cli("host", "status", "web2", check=1).stderr)
