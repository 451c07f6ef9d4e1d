# SPDX-License-Identifier: Apache-2.0
"""Agents that were built without a field of policies (//agent/variants)."""

from harness import case
from harness import netfilter
from harness import policies

_PLAIN = policies.policy("subject", "all", policies.opened("tcp/80"))
_LIMITED = _PLAIN.replace("ports: 80}", "ports: 80, limit: {rate: 10/second}}")


class Capability(case.FleetCase):
  HOSTS = {"web1": {}, "web2": {}}

  def setUp(self):
    self.fleet.apply(_PLAIN)
    self.before = netfilter.rules(self.node("web1"))

  def run_as(self, variant):
    self.fleet.hosts["web1"].agent.kill()
    self.fleet.start_agent("web1", variant=variant)
    self.fleet.wait_online("web1")

  def tearDown(self):
    self.run_as("firebreak-agent")
    super().tearDown()

  def apply_limited(self):
    """Returns what `apply --wait` prints."""
    self.assertNotEqual(_LIMITED, _PLAIN)
    done = self.fleet.cli("apply", "-f", self.fleet.write(_LIMITED), "--wait", "--timeout", "60s",
                          check=1)
    return done.stdout + done.stderr

  def assert_refused(self, told, reason):
    self.assertIn("web1", told)
    self.assertRegex(told, reason)
    revision = self.fleet.revision()
    status = self.fleet.wait_status(
        "web1", lambda one: one.get("rollout") == "refused", "is refused")
    self.assertRegex(status["refusal"]["reason"], reason)
    self.assertLess(int(status["revision"]), revision)
    self.assertEqual(netfilter.rules(self.node("web1")), self.before)
    # The host that knows the field has it.
    self.assertEqual(int(self.fleet.status("web2")["revision"]), revision)

  def test_an_older_agent_is_not_sent_what_it_does_not_know(self):
    self.run_as("firebreak-agent-of-capability-1")
    planned = self.fleet.cli("plan", "-f", self.fleet.write(_LIMITED), check=5).stdout
    self.assertRegex(planned, "host web1 would not be sent the change .*limit")
    self.assertRegex(planned, "host web1 runs agents of version 0.0.9: this plan is exact for")
    self.assertNotIn("web2 r", planned)
    mark = self.fleet.hosts["web1"].agent.mark()
    self.assert_refused(self.apply_limited(), "not sent: .*limit.*upgrade its agent")
    self.assertFalse([line for line in self.fleet.hosts["web1"].agent.lines()[mark:]
                      if "refused" in line], "the host has never seen the revision")
    # What needs no more than the host has is sent, and an upgraded agent gets the rest.
    self.fleet.apply(_PLAIN)
    self.assertEqual(self.fleet.status("web1")["rollout"], "applied")

  def test_an_agent_refuses_a_field_that_it_does_not_know(self):
    self.run_as("firebreak-agent-without-limit")
    self.assert_refused(self.apply_limited(), "Mapping.*field 12")
    self.run_as("firebreak-agent")
    self.fleet.wait_status("web1", lambda one: one.get("rollout") == "applied", "is applied")
