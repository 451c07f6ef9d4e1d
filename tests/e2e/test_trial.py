# SPDX-License-Identifier: Apache-2.0
"""A good revision survives silence that proves nothing: an agent or a controller that is away."""

import os
import signal
import time

from harness import case
from harness import fleet as fleets
from harness import netfilter
from harness import policies
from harness import process

_REACH = 3  # in seconds

_GOOD = policies.group("web", "role", "web") + policies.policy(
    "subject", "web", policies.opened("tcp/80"))


def _opening(port):
  return _GOOD.replace("80", f"[80, {port}]")


class Trial(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}
  OPTIONS = {"agent_flags": ["--reach-timeout", str(_REACH)]}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(_GOOD)

  def setUp(self):
    self.agent = self.fleet.hosts["web1"].agent
    self.mark = self.agent.mark()

  def begin_trial(self, port):
    """Puts a revision that opens the port into the kernel, and cuts new connections off."""
    before = netfilter.rules(self.node("web1"))
    self.cut()
    self.fleet.cli("apply", "-f", self.fleet.write(_opening(port)), check=0)
    process.wait_until(lambda: netfilter.rules(self.node("web1")) != before,
                       "the revision is in the kernel")

  def cut(self):
    """From now on the controller gets no new connections; existing connections continue."""
    self.nft("add table inet cut; add chain inet cut in { type filter hook input priority 0; };"
             f"add rule inet cut in iifname != lo tcp dport {fleets.PORT} tcp flags syn / syn,ack drop")
    self.addCleanup(self.nft, "add table inet cut; delete table inet cut")

  def mend(self):
    self.nft("delete table inet cut")

  def nft(self, commands):
    self.fleet.controller_node.run("nft", "-f", "-", text_input=commands)

  def wait_applied(self):
    revision = self.fleet.revision()
    self.fleet.wait_status(
        "web1", lambda one: one.get("rollout") == "applied" and int(one["revision"]) == revision,
        "is applied")

  def undone(self):
    return [line for line in self.agent.lines()[self.mark:] if "is undone" in line]

  def test_an_agent_that_is_frozen_undoes_nothing(self):
    self.begin_trial(8081)
    self.agent.signal(signal.SIGSTOP)
    self.mend()
    time.sleep(3 * _REACH)  # longer than the trial would have had
    self.agent.signal(signal.SIGCONT)
    self.wait_applied()
    self.assertEqual(self.undone(), [])

  def test_a_controller_that_is_killed_and_comes_back_later_undoes_nothing(self):
    self.begin_trial(8082)
    self.fleet.controller.kill()
    self.mend()
    time.sleep(2 * _REACH)
    self.assertEqual(self.undone(), [], "its host says that it is not there: that is no silence")
    self.fleet.start_controller()
    self.wait_applied()
    self.assertEqual(self.undone(), [])

  def test_a_controller_that_was_silent_gets_the_revision_applied_when_it_is_back(self):
    self.begin_trial(8083)
    self.agent.wait_for_line("is undone", after=self.mark)
    self.mend()
    self.wait_applied()
    status = self.fleet.status("web1")
    self.assertNotIn("refusal", status)

  def test_a_revision_that_is_undone_for_now_is_told_so(self):
    self.begin_trial(8084)
    status = self.fleet.wait_status(
        "web1", lambda one: one.get("rollout") == "undone", "is undone")
    self.assertTrue(status["refusal"]["trying_again"])
    self.mend()
    self.wait_applied()


class FullDisk(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(_GOOD)

  def test_a_push_that_found_no_space_is_applied_when_there_is_some(self):
    host = self.fleet.hosts["web1"]
    # The agent cannot create a file where it writes a trial.
    obstacle = os.path.join(host.state_directory, "policy.trial.new")
    os.mkdir(obstacle)
    self.fleet.cli("apply", "-f", self.fleet.write(_opening(8085)), check=0)
    status = self.fleet.wait_status(
        "web1", lambda one: one.get("rollout") == "refused", "is refused")
    self.assertTrue(status["refusal"]["trying_again"])
    os.rmdir(obstacle)
    revision = self.fleet.revision()
    self.fleet.wait_status("web1", lambda one: one.get("rollout") == "applied", "is applied")
    self.assertEqual(int(self.fleet.status("web1")["revision"]), revision)
