# SPDX-License-Identifier: Apache-2.0
"""What must hold for every packet holds, or the change is refused with a packet that shows why."""

from harness import case
from harness import policies

_NO_SSH = """\
kind: Invariant
name: no-ssh
reason: only through the bastion
traffic: [{service: ssh}]
must: block
"""

_GROUPS = policies.group("web", "role", "web") + policies.group("dmz", "zone", "dmz")


def _web(ports, group="web"):
  return policies.policy("subject", group, policies.opened(ports))


class Invariants(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "db1": {"role": "db"}}

  def setUp(self):
    super().setUp()
    self.apply(_GROUPS + policies.policy("base", "all", "firewall: \"on\"\n") + _web("tcp/80") +
               _NO_SSH, "--set", "test", "--prune", "--override", "a test begins anew", "--wait",
               check=0)

  def apply(self, text, *flags, check=None):
    return self.fleet.cli("apply", "-f", self.fleet.write(text), *flags, check=check)

  def refused_with(self, done, *words):
    self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
    for word in words:
      self.assertIn(word, done.stderr)

  def test_every_verb_that_would_break_it_is_refused(self):
    before = self.fleet.revision()
    self.refused_with(
        self.apply(_web("tcp/20-30")), "Invariant/no-ssh (only through the bastion)", "web1",
        "elsewhere", "tcp/22 from ", "policy subject", ".yaml:", "--override")
    self.refused_with(self.fleet.cli("mapping", "add", "--host", "db1", "--service", "ssh"),
                        "no-ssh", "db1")
    self.refused_with(self.fleet.cli("disable", "--group", "web"), "web1", "the firewall is off")
    self.refused_with(self.fleet.cli("delete", "policy", "base"), "db1",
                        "no policy selects the host")
    self.assertEqual(self.fleet.revision(), before)
    planned = self.fleet.cli("plan", "-f", self.fleet.write(_web("tcp/20-30")))
    self.assertEqual(planned.returncode, 3, planned.stdout + planned.stderr)
    self.assertIn("no-ssh", planned.stdout)
    # What does not touch it goes through.
    self.apply(_web("tcp/80-90"), check=0)

  def test_labels_and_groups_bring_hosts_under_it(self):
    dmz = _NO_SSH.replace("no-ssh", "dmz").replace("service: ssh", "protocol: tcp, ports: 80")
    self.apply(dmz + "groups: [dmz]\n", check=0)
    labelled = self.fleet.cli("host", "set", "web1", "--label", "zone=dmz")
    self.refused_with(labelled, "Invariant/dmz", "web1", "tcp/80")
    self.assertNotIn("dmz", self.fleet.cli("host", "list", "-o", "json", check=0).stdout)
    self.refused_with(self.apply(policies.group("dmz", "role", "web")), "Invariant/dmz")
    self.fleet.cli("host", "set", "db1", "--label", "zone=dmz", check=0)
    self.fleet.cli("host", "set", "db1", "--remove-label", "zone", check=0)
    self.fleet.cli("host", "set", "web1", "--label", "zone=dmz", "--override", "for a day", check=0)
    self.fleet.cli("host", "set", "web1", "--remove-label", "zone", check=0)

  def test_an_administrator_overrides_it_and_the_trail_says_why(self):
    done = self.apply(_web("tcp/22"), "--override", "the bastion is down", "--wait", check=0)
    self.assertIn("no-ssh", done.stderr)
    trail = self.fleet.cli("audit", "-n", "10", check=0).stdout
    self.assertIn("override invariants", trail)
    self.assertIn("the bastion is down", trail)
    shown = self.fleet.cli("invariants", check=5).stdout
    self.assertIn("no-ssh", shown)
    # It stays broken, and what does not make it worse is no reason to refuse.
    other = self.apply(policies.policy("subject", "web", policies.opened("tcp/22", "tcp/81")), check=0)
    self.assertIn("it did not before either", other.stderr)
    self.refused_with(self.fleet.cli("disable", "--host", "db1"), "no-ssh", "db1")
    self.fleet.cli("undo", "--to", str(self.fleet.revision() - 2), check=0)
    self.assertIn("holds for all packets", self.fleet.cli("invariants", check=0).stdout)
    self.refused_with(self.fleet.cli("undo"), "no-ssh")

  def test_one_that_only_warns_lets_it_through(self):
    self.apply(_NO_SSH + "enforce: warn\n", check=0)
    done = self.apply(_web("tcp/22"), "--wait", check=0)
    self.assertIn("Invariant/no-ssh", done.stderr)

  def test_what_contradicts_another_or_means_nothing_is_refused(self):
    allow = _NO_SSH.replace("no-ssh", "ssh").replace("block", "allow")
    self.refused_with(self.apply(allow), "contradict each other", "tcp/22")
    self.refused_with(self.apply(_NO_SSH + "groups: [webb]\n"), "unknown group", "web")
    self.refused_with(self.apply(_NO_SSH.replace("must: block\n", "")), "must")
    self.refused_with(self.apply(_NO_SSH.replace(
        "service: ssh", "service: ssh, handshake: proxy")), "handshake")

  def test_a_file_that_is_older_than_what_it_changes_is_refused(self):
    got = self.fleet.cli("get", "policy", "subject", "-o", "yaml", check=0).stdout
    file = self.fleet.write(got.replace("80", "8080"))
    self.fleet.cli("apply", "-f", self.fleet.write(got.replace("80", "81")), check=0)
    refused = self.fleet.cli("apply", "-f", file, check=1)
    self.assertIn("Policy/subject has changed since", refused.stderr)
    self.fleet.cli("apply", "-f", file, "--overwrite", check=0)
    self.assertIn("8080", self.fleet.cli("get", "policy", "subject", "-o", "yaml").stdout)
