# SPDX-License-Identifier: Apache-2.0
"""An agent that is killed while presets change: what was found is given back in the end."""

import os
import random
import time

from harness import case
from harness import policies
from harness import process
from harness import stack

_TIMES = 100 if os.environ.get("FIREBREAK_SLOW") else 6
_SEED = int(os.environ.get("FIREBREAK_SEED", "7"))
_PRESETS = ("recommended", "strict", "original", "off")


def _policy(preset):
  return policies.policy("subject", "all", f'firewall: "on"\nhardening: {{preset: {preset}}}')


class Kill(case.FleetCase):

  def test_the_found_values_are_given_back_exactly(self):
    host = self.fleet.hosts["web1"]
    self.fleet.apply(policies.policy("subject", "all", 'firewall: "on"'))
    # Not what a kernel begins with, so that no default is taken for what was found.
    for name, value in (("net/ipv4/tcp_fin_timeout", "41"), ("net/ipv4/tcp_synack_retries", "4"),
                        ("net/ipv4/conf/all/log_martians", "0"),
                        ("net/ipv4/conf/eth0/arp_ignore", "2"),
                        ("net/ipv4/conf/default/rp_filter", "0")):
      stack.put(host.node, name, value)
    found = stack.settings(host.node)
    random.seed(_SEED)
    for i in range(_TIMES):
      self.fleet.cli("apply", "-f", self.fleet.write(_policy(_PRESETS[i % 4])), check=0)
      time.sleep(random.random() * 0.05)
      host.agent.kill()
      self.fleet.start_agent("web1")
      # Some are killed before they have come so far.
      if i % 2:
        self.fleet.wait_online("web1")
    self.fleet.wait_online("web1")
    self.fleet.apply(_policy("strict"))
    self.assertEqual(stack.get(host.node, "net/ipv4/tcp_fin_timeout"), "15")
    self.fleet.apply(policies.policy("subject", "all", 'firewall: "on"'))
    process.wait_until(
        lambda: stack.get(host.node, "net/ipv4/tcp_fin_timeout") == "41", "a value is given back")
    now = stack.settings(host.node)
    self.assertEqual({name: (value, now.get(name)) for name, value in found.items()
                      if now.get(name) != value}, {})
