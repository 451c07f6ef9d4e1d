# SPDX-License-Identifier: Apache-2.0
"""However many hosts get a policy, few prove at the same time that they reach the controller."""

import os
import random
import signal
import urllib.request

from harness import case
from harness import policies
from harness import process

_METRICS = "127.0.0.1:9465"
_LIMIT = 2
_COUNT = 20


class TrialsAtATime(case.FleetCase):
  HOSTS = {f"web{i}": {"role": "web"} for i in range(1, _COUNT + 1)}
  OPTIONS = {"controller_flags": ["--metrics", _METRICS, "--max-trials", str(_LIMIT)]}

  def setUp(self):
    self.seed = int(os.environ.get("FIREBREAK_SEED", random.randrange(2**32)))
    self.random = random.Random(self.seed)
    self._port = 1000

  def figures(self):
    """The controller's metrics about trials."""
    def get():
      with urllib.request.urlopen(f"http://{_METRICS}/metrics", timeout=10) as response:
        return response.read().decode()
    lines = self.fleet.controller_node.inside(get).splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)
            if name.startswith("firebreak_trials")}

  def apply(self):
    """Applies a policy that changes every host's rules; does not wait for receipts."""
    self._port += 1
    self.fleet.cli("apply", "-f", self.fleet.write(
        policies.policy("web", "all", policies.opened(f"tcp/{self._port}"))), check=0)
    return self.fleet.revision()

  def without(self, revision):
    """The hosts that have not yet proven the revision."""
    return {host["name"] for host in self.fleet.json("host", "list")
            if (host.get("rollout"), int(host.get("revision", 0))) != ("applied", revision)}

  def assert_bounded(self):
    figures = self.figures()
    self.assertEqual(figures["firebreak_trials_limit"], _LIMIT)
    self.assertGreater(figures["firebreak_trials_peak"], 0)
    self.assertLessEqual(figures["firebreak_trials_peak"], _LIMIT, f"seed {self.seed}")

  def test_all_hosts_apply_a_policy_a_few_at_a_time(self):
    revision = self.apply()
    process.wait_until(lambda: not self.without(revision), "all hosts apply it")
    self.assert_bounded()
    self.assertEqual(self.figures()["firebreak_trials_waiting"], 0)

  def test_hosts_that_do_not_answer_keep_nobody_waiting(self):
    frozen = self.random.sample(sorted(self.HOSTS), _LIMIT + 1)
    for name in frozen:
      agent = self.fleet.hosts[name].agent
      agent.signal(signal.SIGSTOP)
      self.addCleanup(agent.signal, signal.SIGCONT)
    revision = self.apply()
    process.wait_until(lambda: self.without(revision) <= set(frozen),
                       f"all others apply it (seed {self.seed})")
    self.assertEqual(self.without(revision), set(frozen))
    for name in frozen:
      self.fleet.hosts[name].agent.signal(signal.SIGCONT)
    process.wait_until(lambda: not self.without(revision), f"all apply it (seed {self.seed})")
    self.assert_bounded()

  def test_all_hosts_apply_it_though_agents_and_the_controller_are_killed(self):
    for _ in range(3):
      revision = self.apply()
      for name in self.random.sample(sorted(self.HOSTS), 6):
        self.fleet.hosts[name].agent.kill()
        self.fleet.start_agent(name)
      if self.random.random() < 0.5:
        self.fleet.controller.kill()
        self.fleet.start_controller()
    process.wait_until(lambda: not self.without(revision), f"all apply it (seed {self.seed})")
    undone = [row for host in self.HOSTS
              for row in [self.fleet.status(host).get("refusal", {})] if row.get("kind") == "undone"]
    self.assertEqual(undone, [], f"seed {self.seed}")
    self.assert_bounded()
