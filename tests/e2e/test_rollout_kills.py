# SPDX-License-Identifier: Apache-2.0
"""Whoever is killed, enrols or comes back in the middle of a rollout: no host is beyond its wave."""

import json
import os
import random
import time

from harness import case
from harness import policies
from harness import probe
from harness import process

_KILLS = 50 if os.environ.get("FIREBREAK_SLOW") else 4
_SEED = int(os.environ.get("FIREBREAK_SEED", "0"))

_HOSTS = {f"web{i}": {"role": "canary" if i == 1 else "web"} for i in range(1, 5)}

_STRATEGY = """\
kind: RolloutStrategy
name: careful
waves: [{groups: [canary]}, {hosts: 1}, {percent: 100}]
soak: %s
timeout: 30s
silence: 20s
on_failure: undo
"""

_GROUPS = policies.group("canary", "role", "canary")


def _opening(*ports):
  return policies.policy("subject", "all", policies.opened(*ports))


def _locking_out(port):
  return policies.policy("subject", "all", policies.opened(port) + "outbound:\n  default: block\n")


class RolloutKills(case.FleetCase):
  HOSTS = _HOSTS
  # Only the newest revision is kept, but for those that a rollout needs.
  OPTIONS = {"agent_flags": ["--reach-timeout", "5"], "controller_flags": ["--keep-revisions", "1"]}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for name in cls.fleet.hosts:
      cls.fleet.listen(name, "tcp/80-83")

  def setUp(self):
    super().setUp()
    self.fleet.cli("rollout", "undo")  # what a test before has left, if it failed
    self.apply(_GROUPS + _opening("tcp/80") + _STRATEGY % "1s", "--all-at-once", "--wait")

  def apply(self, text, *flags, check=0):
    return self.fleet.cli("apply", "-f", self.fleet.write(text), *flags, check=check)

  def rollout(self):
    return json.loads(self.fleet.cli("rollout", "status", "-o", "json", check=0).stdout)

  def wait_state(self, *states):
    process.wait_until(lambda: self.rollout()["state"] in states, f"the rollout is {states}")
    return self.rollout()

  def kill_controller(self):
    self.fleet.controller.kill()
    self.fleet.start_controller()

  def open_hosts(self, port):
    """The hosts on which an outsider reaches the port."""
    return {name for name in self.fleet.hosts
            if probe.tcp(self.fleet.outsider, [(self.node(name).ipv4(), port)]) ==
            {(self.node(name).ipv4(), port): "open"}}

  def in_force(self, name):
    """The newest revision that the host has or tries, by its own word."""
    done = self.fleet.local(name, "status", "-o", "json")
    if done.returncode != 0:
      return 0
    status = json.loads(done.stdout)
    return int(status.get("receipt", {}).get("revision", 0))

  def assert_within_waves(self, in_force):
    """`in_force` was read before this is called: hosts are only ever reached, never left again."""
    rollout = self.rollout()
    if rollout["state"] in ("complete", "undone", "undoing"):
      return rollout
    line = [name for wave in rollout["waves"] for name in wave["names"]]
    ahead = set(line[int(rollout.get("reached", 0)):])
    beyond = {name for name in ahead if in_force[name] >= int(rollout["revision"])}
    self.assertEqual(beyond, set(), rollout)
    return rollout

  def test_a_controller_that_is_killed_at_random_goes_on_where_it_was(self):
    choose = random.Random(_SEED)
    kills, before = 0, "tcp/80"
    while kills < _KILLS:
      after = choose.choice([port for port in ("tcp/81", "tcp/82", "tcp/83") if port != before])
      good = choose.random() < 0.6
      self.apply(_opening(after) if good else _locking_out(after), "--strategy", "careful")
      while kills < _KILLS:
        time.sleep(choose.uniform(0, 2))  # any moment will do
        in_force = {name: self.in_force(name) for name in _HOSTS}
        self.kill_controller()
        kills += 1
        if self.assert_within_waves(in_force)["state"] in ("complete", "undone"):
          break
      # A host that does not reach the controller again in time undoes a good change too.
      rollout = self.wait_state("complete", "undone")
      if rollout["state"] == "complete":
        self.assertTrue(good, rollout)
        before = after
      elif not good:
        self.assertEqual(int(rollout["waves"][1].get("reached", 0)), 0, rollout)
      port = int(before.split("/")[1])
      process.wait_until(lambda: self.open_hosts(port) == set(_HOSTS), f"all have {before}")
      print(f"{kills} kills, seed {_SEED}: {rollout['state']}")

  def test_hosts_that_were_off_or_enrol_meanwhile_have_what_their_wave_has(self):
    self.apply(_STRATEGY % "1h", "--all-at-once")
    self.fleet.hosts["web4"].agent.kill()
    self.apply(_opening("tcp/81"), "--strategy", "careful")
    self.wait_state("soaking")
    self.assertEqual(self.open_hosts(81), {"web1"})
    # One comes back that the rollout has not reached, one enrols anew that it has, and the
    # controller is another one.
    self.fleet.start_agent("web4")
    self.fleet.wait_online("web4")
    self.kill_controller()
    for name in _HOSTS:
      self.fleet.wait_online(name)
    self.assertEqual(self.open_hosts(81), {"web1"})
    self.assertEqual(self.open_hosts(80), set(_HOSTS) - {"web1"})
    # Labels move a host to no other wave.
    self.fleet.cli("host", "set", "web3", "--label", "role=canary", check=0)
    self.assertEqual(self.open_hosts(81), {"web1"})
    self.fleet.cli("host", "set", "web3", "--label", "role=web", check=0)
    # The strategy by which it goes is the one with which it began.
    refused = self.apply(_STRATEGY % "0s", check=1)
    self.assertIn("is being rolled out", refused.stderr)
    self.assertEqual(self.rollout()["strategy"]["soak"], "3600s")
    self.fleet.cli("rollout", "undo", check=0)
    process.wait_until(lambda: self.open_hosts(80) == set(_HOSTS), "all have what they had")
    self.assertEqual(self.open_hosts(81), set())
