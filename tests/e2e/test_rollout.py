# SPDX-License-Identifier: Apache-2.0
"""A change goes through the fleet in waves, stops when a gate fails, and is undone."""

import json

from harness import case
from harness import policies
from harness import probe
from harness import process

_HOSTS = {f"web{i}": {"role": "canary" if i == 1 else "web"} for i in range(1, 5)}

_STRATEGY = """\
kind: RolloutStrategy
name: careful
waves: [{groups: [canary]}, {hosts: 1}, {percent: 100}]
soak: 1s
timeout: 30s
silence: 20s
on_failure: %s
"""

_GROUPS = policies.group("canary", "role", "canary")


def _opening(ports):
  return policies.policy("subject", "all", policies.opened(ports))


_LOCKS_OUT = policies.policy("subject", "all", policies.opened("tcp/81") + """\
outbound:
  default: block
""")


class Rollout(case.FleetCase):
  HOSTS = _HOSTS
  OPTIONS = {"agent_flags": ["--reach-timeout", "3"]}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for name in cls.fleet.hosts:
      cls.fleet.listen(name, "tcp/80-82")

  def setUp(self):
    super().setUp()
    self.fleet.cli("rollout", "undo")  # undoes what a failed test has left behind
    self.fleet.cli("apply", "-f", self.fleet.write(
        _GROUPS + _opening("tcp/80") + _STRATEGY % "halt"), "--all-at-once", "--wait", check=0)

  def apply(self, text, *flags, check=0):
    return self.fleet.cli("apply", "-f", self.fleet.write(text), *flags, check=check)

  def rollout(self):
    return json.loads(self.fleet.cli("rollout", "status", "-o", "json", check=0).stdout)

  def state(self):
    return self.rollout()["state"]

  def wait_state(self, *states):
    process.wait_until(lambda: self.state() in states, f"the rollout is {states}")

  def open_hosts(self, port):
    """The hosts on which an outsider reaches the port."""
    return {name for name, host in self.fleet.hosts.items()
            if probe.tcp(self.fleet.outsider, [(host.node.ipv4(), port)]) ==
            {(host.node.ipv4(), port): "open"}}

  def test_a_good_change_goes_through_all_waves(self):
    done = self.apply(_opening("tcp/81"), "--strategy", "careful", "--wait", "--timeout", "60s")
    self.assertIn("3 waves", done.stdout + done.stderr)
    self.assertEqual(self.state(), "complete")
    self.assertEqual(self.open_hosts(81), set(_HOSTS))
    self.assertIn("complete", self.fleet.cli("rollout", "status", check=0).stdout)

  def test_a_plan_says_who_is_in_which_wave(self):
    changed = self.fleet.write(_opening("tcp/81"))
    plan = json.loads(self.fleet.cli(
        "plan", "-f", changed, "--strategy", "careful", "-o", "json", check=5).stdout)
    planned = [wave["hosts"] for wave in plan["waves"]]
    self.assertEqual(planned[0], ["web1"])
    self.assertEqual(sorted(name for wave in planned for name in wave), sorted(_HOSTS))
    self.fleet.cli("apply", "-f", changed, "--strategy", "careful", "--plan", plan["id"], check=0)
    self.assertEqual([wave["names"] for wave in self.rollout()["waves"]], planned)
    self.wait_state("complete")
    page = self.fleet.cli("plan", "-f", self.fleet.write(_opening("tcp/82")), "--all-at-once",
                          check=5).stdout
    self.assertNotIn("wave", page)

  def test_a_failure_while_it_is_paused_takes_it_back(self):
    self.apply((_STRATEGY % "undo").replace("soak: 1s", "soak: 1h"), "--all-at-once")
    self.apply(_LOCKS_OUT, "--strategy", "careful")
    process.wait_until(lambda: int(self.rollout().get("reached", 0)) == 1, "the canary gets it")
    self.fleet.cli("rollout", "pause")
    self.wait_state("undone")
    process.wait_until(lambda: self.open_hosts(80) == set(_HOSTS), "all are as before")

  def test_a_change_that_locks_hosts_out_stops_at_the_canary(self):
    done = self.apply(_LOCKS_OUT, "--strategy", "careful", "--wait", check=1)
    self.assertIn("halted", done.stderr)
    self.assertIn("web1", done.stderr)
    # The canary undoes the change itself, however often it retries.
    process.wait_until(lambda: self.open_hosts(80) == set(_HOSTS), "the canary has undone it")
    self.assertEqual(self.rollout()["waves"][1].get("reached", 0), 0)

    # Other changes are refused meanwhile.
    refused = self.apply(_opening("tcp/82"), check=1)
    self.assertIn("rollout undo", refused.stderr)

    self.fleet.cli("rollout", "undo", check=0)
    self.assertEqual(self.state(), "undone")
    process.wait_until(lambda: self.open_hosts(80) == set(_HOSTS), "all are as before")
    stands = self.fleet.cli("get", "policy", "subject", "-o", "yaml", check=0).stdout
    self.assertIn("80", stands)
    self.assertNotIn("block", stands)
    trail = self.fleet.cli("audit", "-n", "20", check=0).stdout
    self.assertIn("halted", trail)
    self.assertIn("undone", trail)

  def test_it_takes_itself_back_if_the_strategy_says_so(self):
    self.apply(_STRATEGY % "undo", "--all-at-once")
    self.apply(_LOCKS_OUT, "--strategy", "careful", "--wait", check=1)
    self.wait_state("undone")
    process.wait_until(lambda: self.open_hosts(80) == set(_HOSTS), "all are as before")
    self.assertNotIn("block", self.fleet.cli("get", "policy", "subject", "-o", "yaml").stdout)

  def test_a_person_pauses_promotes_and_resumes(self):
    self.apply((_STRATEGY % "halt").replace("soak: 1s", "soak: 1h"),
               "--all-at-once")
    self.apply(_opening("tcp/81"), "--strategy", "careful")
    self.wait_state("soaking")
    self.assertEqual(self.open_hosts(81), {"web1"})
    self.fleet.cli("rollout", "pause", check=0)
    self.assertEqual(self.state(), "paused")
    self.assertIn("paused", self.fleet.cli("rollout", "pause", check=1).stderr)
    self.fleet.cli("rollout", "resume", check=0)
    self.wait_state("soaking")
    self.fleet.cli("rollout", "promote", check=0)
    process.wait_until(lambda: len(self.open_hosts(81)) == 2, "the second wave has it")
    self.fleet.cli("rollout", "undo", check=0)
    process.wait_until(lambda: self.open_hosts(80) == set(_HOSTS), "all are as before")
    self.assertEqual(self.open_hosts(81), set())
