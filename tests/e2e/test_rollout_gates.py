# SPDX-License-Identifier: Apache-2.0
"""A bad change stops at the canary by each gate in turn, and nobody else ever had it."""

import json
import os

from harness import case
from harness import policies
from harness import probe
from harness import process

_STRATEGY = """\
kind: RolloutStrategy
name: gated
waves: [{groups: [canary]}, {percent: 100}]
soak: %(soak)s
timeout: %(timeout)s
silence: 5s
on_failure: %(on_failure)s
gates: %(gates)s
"""

_PROBES = """\
kind: Probe
name: web
groups: [client]
host: web1
protocol: tcp
port: 80
expect: open
timeout: 2s
---
kind: Probe
name: telnet
groups: [client]
host: web1
protocol: tcp
port: 23
expect: closed
timeout: 2s
---
"""

_GROUPS = (policies.group("canary", "role", "canary") + policies.group("web", "kind", "web") +
           policies.group("client", "role", "client"))


def _web(*ports, more="logging: {dropped: true}\n"):
  return policies.policy("subject", "web", policies.opened(*ports) + more)


class RolloutGates(case.FleetCase):
  HOSTS = {
      "web1": {"role": "canary", "kind": "web"},
      "web2": {"role": "web", "kind": "web"},
      "client1": {"role": "client"},
  }
  OPTIONS = {"agent_flags": ["--reach-timeout", "3"]}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for name in ("web1", "web2"):
      cls.fleet.listen(name, "tcp/80-82")

  def setUp(self):
    super().setUp()
    self.fleet.cli("rollout", "undo")  # what a test before has left, if it failed
    self.apply(_GROUPS + _PROBES + _web("tcp/80", "tcp/82"), "--all-at-once", "--wait")

  def apply(self, text, *flags, check=0):
    return self.fleet.cli("apply", "-f", self.fleet.write(text), *flags, check=check)

  def strategy(self, gates, soak="2s", timeout="30s", on_failure="undo"):
    self.apply(_STRATEGY % {"gates": gates, "soak": soak, "timeout": timeout,
                            "on_failure": on_failure}, "--all-at-once")

  def rollout(self):
    return json.loads(self.fleet.cli("rollout", "status", "-o", "json", check=0).stdout)

  def wait_state(self, *states):
    process.wait_until(lambda: self.rollout()["state"] in states, f"the rollout is {states}")
    return self.rollout()

  def is_open(self, host, port):
    address = self.node(host).ipv4()
    return probe.tcp(self.fleet.outsider, [(address, port)]) == {(address, port): "open"}

  def assert_only_the_canary_had_it(self, rollout, *words):
    for word in words:
      self.assertIn(word, rollout["reason"])
    self.assertEqual(int(rollout["waves"][1].get("reached", 0)), 0, rollout)
    process.wait_until(lambda: self.is_open("web1", 80), "the canary has what it had")
    self.assertTrue(self.is_open("web2", 80))

  def test_a_probe_that_fails_takes_it_back(self):
    self.strategy("{probes: [web, telnet]}")
    done = self.apply(_web("tcp/82"), "--strategy", "gated", "--wait", check=1)
    self.assertIn("probe web from client1", done.stderr)
    rollout = self.wait_state("undone")
    self.assert_only_the_canary_had_it(
        rollout, "host web1", "tcp/80", "should be open", "no mapping opens it",
        "it came out right before the change")
    self.assertIn("probe web", self.fleet.cli("audit", "-n", "20", check=0).stdout)

  def test_a_probe_of_what_must_be_closed_fails_as_well(self):
    self.fleet.listen("web1", "tcp/23")
    self.strategy("{probes: [all]}")
    self.apply(_web("tcp/23", "tcp/80"), "--strategy", "gated", "--wait", check=1)
    self.assert_only_the_canary_had_it(self.wait_state("undone"), "probe telnet", "found it open",
                                       "mapping tcp-23 of policy subject")

  def test_a_good_change_passes_all_gates(self):
    self.strategy("{probes: [all], drops_per_minute: 0, flows_cut: 0}")
    self.apply(_web("tcp/80", "tcp/81"), "--strategy", "gated", "--wait", "--timeout", "60s")
    self.assertEqual(self.rollout()["state"], "complete")
    self.assertTrue(self.is_open("web2", 81))

  def test_drops_of_what_was_admitted_before_take_it_back(self):
    self.strategy("{drops_per_minute: 3}", soak="10m")
    self.apply(_web("tcp/80"), "--strategy", "gated")
    self.wait_state("soaking")
    # Others' packets were dropped before too, and are no sign.
    probe.tcp(self.fleet.outsider, [(self.node("web1").ipv4(), port) for port in range(1000, 1010)])
    self.assertEqual(self.rollout()["state"], "soaking")

    def knocked_until_noticed():
      probe.tcp(self.fleet.outsider, [(self.node("web1").ipv4(), 82)])
      return self.rollout()["state"] == "undone"

    process.wait_until(knocked_until_noticed, "the rollout is undone")
    self.assert_only_the_canary_had_it(self.rollout(), "host web1", "admitted before", "tcp/82",
                                       "no mapping opens it")

  def test_drops_that_rise_take_it_back(self):
    # The kernel counts, so it takes no log.
    self.apply(_web("tcp/80", "tcp/82", more=""), "--all-at-once", "--wait")
    self.strategy("{drops_rise: [{reasons: [unsolicited], per_minute: 20}, {per_minute: 1000000}], "
                  "drops_before: 3s}", soak="10m")
    self.apply(_web("tcp/80", more=""), "--strategy", "gated")

    def counts():
      rollout = self.rollout()
      return int(rollout.get("reached", 0)) == 0 and "being counted" in rollout.get("waiting_for", "")

    process.wait_until(counts, "the drops before it are counted")
    self.wait_state("soaking")
    self.fleet.controller.kill()  # what was counted before must outlive it
    self.fleet.start_controller()
    self.assertEqual(self.wait_state("soaking")["state"], "soaking")

    def knocked_until_noticed():
      probe.tcp(self.fleet.outsider, [(self.node("web1").ipv4(), port) for port in range(82, 102)])
      return self.rollout()["state"] in ("undoing", "undone")

    process.wait_until(knocked_until_noticed, "the drops are noticed")
    self.assert_only_the_canary_had_it(self.wait_state("undone"), "host web1", "unsolicited",
                                       "before the change")

  def test_a_host_that_refuses_it_takes_it_back(self):
    self.strategy("{}", soak="10m")
    # The agent cannot create a file where it writes a trial.
    obstacle = os.path.join(self.fleet.hosts["web1"].state_directory, "policy.trial.new")
    os.mkdir(obstacle)
    try:
      self.apply(_web("tcp/80", "tcp/81"), "--strategy", "gated", "--wait", check=1)
      rollout = self.wait_state("undone")
    finally:
      os.rmdir(obstacle)
    self.assert_only_the_canary_had_it(rollout, "host web1: refuses it")
    listed = self.fleet.cli("rollout", "list", check=0).stdout
    self.assertRegex(listed, r"gated +2 +1 of 2 +undone +host web1: refuses it")

  def test_live_flows_keep_a_host_from_getting_it(self):
    self.strategy("{flows_cut: 0}", on_failure="halt")
    transfer = self.fleet.traffic(self.fleet.outsider, "transfer", self.node("web1").ipv4(), "80")
    try:
      self.apply(_web("tcp/81", "tcp/82"), "--strategy", "gated")
      rollout = self.wait_state("halted")
    finally:
      transfer.close()
    self.assertIn("live flow", rollout["reason"])
    self.assertIn("tcp/80", rollout["reason"])
    self.assertEqual(int(rollout.get("reached", 0)), 0)
    self.fleet.cli("rollout", "undo", check=0)

  def test_no_data_is_a_pause_and_no_pass(self):
    self.strategy("{drops_per_minute: 3}", timeout="8s")
    self.apply(_web("tcp/80", "tcp/81", more=""), "--strategy", "gated")
    rollout = self.wait_state("paused")
    self.assertIn("no data: host web1", rollout["reason"])
    self.assertIn("logging", rollout["reason"])
    self.assertEqual(int(rollout["waves"][1].get("reached", 0)), 0)
    self.fleet.cli("rollout", "undo", check=0)
    # Nor is a probe that nobody can try.
    self.strategy("{probes: [web]}", timeout="8s")
    self.fleet.hosts["client1"].agent.kill()
    try:
      self.apply(_web("tcp/80", "tcp/81"), "--strategy", "gated")
      rollout = self.wait_state("paused")
      self.assertIn("probe web", rollout["reason"])
      self.assertEqual(int(rollout.get("reached", 0)), 0)
    finally:
      self.fleet.start_agent("client1")
      self.fleet.wait_online("client1")
    self.fleet.cli("rollout", "resume", check=0)
    self.wait_state("complete")

  def test_a_host_that_goes_silent_takes_it_back(self):
    self.strategy("{}", soak="10m")
    self.apply(_web("tcp/80", "tcp/81"), "--strategy", "gated")
    self.wait_state("soaking")
    self.fleet.hosts["web1"].agent.kill()
    try:
      rollout = self.wait_state("undoing", "undone")
    finally:
      self.fleet.start_agent("web1")
      self.fleet.wait_online("web1")
    self.wait_state("undone")
    self.assert_only_the_canary_had_it(rollout, "host web1 has been silent")

  def test_another_change_takes_its_place_where_it_is(self):
    self.strategy("{}", soak="10m")
    self.apply(_web("tcp/81"), "--strategy", "gated")
    self.wait_state("soaking")
    refused = self.apply(_web("tcp/82"), check=1)
    self.assertIn("--supersede", refused.stderr)
    self.apply(_web("tcp/80", "tcp/81"), "--strategy", "gated", "--supersede")
    process.wait_until(lambda: self.is_open("web1", 80), "the canary has it")
    self.assertTrue(self.is_open("web1", 81))
    self.assertFalse(self.is_open("web2", 81))
    self.fleet.controller.kill()
    self.fleet.start_controller()
    for name in self.fleet.hosts:
      self.fleet.wait_online(name)
    self.wait_state("soaking")
    self.assertFalse(self.is_open("web2", 81))
    self.fleet.cli("rollout", "undo", check=0)
    process.wait_until(lambda: self.is_open("web1", 82), "all have what they had")
    self.assertFalse(self.is_open("web1", 81))

  def test_a_window_that_is_closed_holds_it_back(self):
    self.apply(_STRATEGY % {"gates": "{}", "soak": "1s", "timeout": "30s", "on_failure": "halt"} +
               "windows: [{days: [mon], from: '00:00', to: '00:01'}, "
               "{days: [thu], from: '00:00', to: '00:01'}]\n", "--all-at-once")
    self.apply(_web("tcp/80", "tcp/81"), "--strategy", "gated")
    process.wait_until(lambda: "window" in self.rollout().get("waiting_for", ""), "it waits")
    self.assertEqual(int(self.rollout().get("reached", 0)), 0)
    self.fleet.cli("rollout", "promote", check=0)
    self.wait_state("soaking")
    self.fleet.cli("rollout", "undo", check=0)

  def test_bad_gates_and_probes_are_refused(self):
    strategy = _STRATEGY % {"gates": "{probes: [wep]}", "soak": "1s", "timeout": "1s",
                            "on_failure": "halt"}
    self.assert_refused(strategy, r"unknown probe.*did you mean.*web")
    for bound, why in (("{reasons: [unsolicited]}", "per_minute"),
                       ("{reasons: ['Un solicited'], per_minute: 1}", "no reason"),
                       ("{per_minute: 1}, {reasons: [invalid], per_minute: 1}", "never hold")):
      self.assert_refused(_STRATEGY % {"gates": f"{{drops_rise: [{bound}]}}", "soak": "1s",
                                       "timeout": "1s", "on_failure": "halt"}, why)
    self.assert_refused(_PROBES.replace("port: 80", "port: 0"), "needs a .port.")
    self.assert_refused(_PROBES.replace("groups: [client]", "groups: ['host:web1']"), "to itself")
    self.assert_refused(_PROBES.replace("host: web1", "address: 127.0.0.1"), "the host itself")
    self.assert_refused(_PROBES.replace("expect: open\n", ""), "expect")
    self.assert_refused(_STRATEGY % {"gates": "{}", "soak": "1s", "timeout": "1s",
                                     "on_failure": "halt"} +
                        "windows: [{days: [monday], from: '8:00', to: '17:00'}]\n",
                        "unknown day", "from")
