# SPDX-License-Identifier: Apache-2.0
"""Two agents on one kernel would undo each other's rules."""

import os

from harness import case
from harness import fleet as fleets
from harness import policies
from harness import probe


class TwoAgents(case.FleetCase):

  def test_the_second_is_refused_and_the_first_goes_on(self):
    self.fleet.listen("web1", "tcp/80", "tcp/81")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))
    other = self.fleet.path("state-other")
    os.mkdir(other, 0o700)
    host = self.fleet.hosts["web1"]
    for more in ([], ["--boot"]):
      done = host.node.run(
          fleets.program("firebreak-agent"), "--controller", "192.0.2.1:7443", "--state-dir",
          other, "--socket", "", *more, check=False)
      self.assertEqual(done.returncode, 1, done.stderr)
      self.assertIn("another firebreak-agent writes rules", done.stderr)
    address = host.node.ipv4()
    self.assertEqual(probe.tcp(self.fleet.outsider, [(address, 80), (address, 81)]),
                     {(address, 80): "open", (address, 81): "filtered"})
    self.assertTrue(host.agent.running())

  def test_one_that_was_killed_does_not_stand_in_the_way(self):
    host = self.fleet.hosts["web1"]
    host.agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
