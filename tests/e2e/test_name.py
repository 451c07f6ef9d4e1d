# SPDX-License-Identifier: Apache-2.0
"""The controller is known by a name; the host copes when the name cannot be resolved."""

import os
import shutil

from harness import case
from harness import fleet as fleets
from harness import policies

_NAME = "fw.firebreak.test"


class ByName(case.FleetCase):
  HOSTS = {"web1": {}}
  OPTIONS = {"start": False, "agent_flags": ["--reach-timeout", "10"]}

  def setUp(self):
    # `ip netns exec` mounts the files of this directory over those in /etc.
    self.etc = f"/etc/netns/{self.node('web1').namespace}"
    os.makedirs(self.etc)
    self.addCleanup(shutil.rmtree, self.etc)
    self.write("resolv.conf", "nameserver 127.0.0.1\n")  # nothing listens there
    self.write("hosts", f"{self.fleet.controller_node.ipv4()} {_NAME}\n")
    self.fleet.start_controller()
    self.start_agent(token=self.fleet.token())

  def write(self, name, text):
    with open(os.path.join(self.etc, name), "w", encoding="utf-8") as out:
      out.write(text)

  def start_agent(self, token=None):
    self.fleet.start_agent("web1", token=token, controller=f"{_NAME}:{fleets.PORT}")
    self.fleet.wait_online("web1")

  def test_the_address_that_it_had_last_is_the_way(self):
    self.fleet.apply(policies.policy("subject", '"host:web1"', policies.opened("tcp/80")))
    self.fleet.hosts["web1"].agent.kill()
    self.write("hosts", "127.0.0.1 localhost\n")
    self.start_agent()
    # A trial also passes by way of the last address.
    self.fleet.apply(policies.policy("subject", '"host:web1"', policies.opened("tcp/81")))
    self.assertFalse([line for line in self.fleet.hosts["web1"].agent.lines()
                      if "is undone" in line])
