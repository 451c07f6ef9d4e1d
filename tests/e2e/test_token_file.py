# SPDX-License-Identifier: Apache-2.0
"""Whatever happens to the token file after the host has enrolled, the host does not open."""

import os

from harness import case
from harness import fleet as fleets
from harness import policies


class TokenFile(case.FleetCase):
  """The agent's start command still names the file long after its use."""

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))

  def restart_as_after_a_boot(self, *flags):
    """Starts the agent again while the kernel has no rules."""
    host = self.fleet.hosts["web1"]
    host.agent.kill()
    host.node.run("nft", "delete", "table", "inet", "firebreak")
    agent = self.fleet.start_agent("web1", flags=flags)
    agent.wait_for_line("continues without the token")
    self.assertIn("chain input", host.node.run("nft", "list", "table", "inet", "firebreak").stdout)
    self.fleet.wait_online("web1")
    return agent

  def test_it_is_gone(self):
    path = self.fleet.path("gone.token")
    agent = self.restart_as_after_a_boot("--token-file", path)
    agent.wait_for_line(f"{path}: No such file")

  def test_it_is_a_directory(self):
    path = self.fleet.path("directory.token")
    os.mkdir(path)
    self.restart_as_after_a_boot("--token-file", path)

  def test_it_is_damaged(self):
    path = self.fleet.write(self.fleet.token()[:-3])
    agent = self.restart_as_after_a_boot("--token-file", path)
    agent.wait_for_line(f"{path}: not an enrolment token")

  def test_it_is_endless(self):
    self.restart_as_after_a_boot("--token-file", "/dev/zero")

  def test_a_host_that_never_enrolled_ends_and_names_the_file(self):
    path = self.fleet.path("never.token")
    agent = self.fleet.spawn("agent-new", self.fleet.outsider.command(
        fleets.program("firebreak-agent"), "--controller", "192.0.2.1:7443", "--state-dir",
        self.fleet.path("state-new"), "--name", "new", "--socket", "", "--token-file", path))
    agent.wait_for_line(f"{path}: No such file")
    self.assertEqual(agent.wait_for_end(), 1)
