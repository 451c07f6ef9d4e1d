# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the agent and of the controller at random moments during a stream of applies."""

import os
import random
import re
import time

from harness import applies
from harness import case
from harness import fleet as fleets
from harness import netfilter
from harness import policies
from harness import probe

_KILLS = 500 if os.environ.get("FIREBREAK_SLOW") else 100
_SEED = int(os.environ.get("FIREBREAK_SEED", "0"))
_FIRST_PORT = 20_000


def _policy(number):
  opened = policies.opened("tcp/80", f"tcp/{_FIRST_PORT + number}")
  return policies.policy("subject", "all", f"description: number {number}\n{opened}")


class Kill(case.FleetCase):

  def stored(self):
    """The (number, revision) that the controller has stored."""
    number = int(self.fleet.policy("subject")["description"].split()[1])
    return number, self.fleet.revision()

  def assert_kept(self, acknowledged):
    number, revision = self.stored()
    self.assertGreaterEqual(number, acknowledged[0])
    self.assertGreaterEqual(revision, acknowledged[1])

  def test_nothing_acknowledged_is_lost_and_the_rules_never_vanish(self):
    host = self.node("web1")
    listener = self.fleet.listen("web1", "tcp/80", "tcp/81")
    self.fleet.apply(_policy(0))
    monitor = netfilter.Monitor(host, self.fleet.directory)
    self.addCleanup(monitor.close)
    flood = self.fleet.traffic(self.fleet.outsider, "flood", 81, *host.addresses())
    knock = self.fleet.traffic(self.fleet.outsider, "knock", 80, *host.addresses())
    stream = applies.Applies(self.fleet, _policy)
    stream.start()
    self.addCleanup(stream.stop)

    chance = random.Random(_SEED)
    killed = {"agent": 0, "controller": 0}
    for _ in range(_KILLS):
      time.sleep(chance.uniform(0.0, 0.8))  # until a random moment
      victim = chance.choice(list(killed))
      killed[victim] += 1
      if victim == "agent":
        self.fleet.hosts["web1"].agent.kill()
        self.fleet.start_agent("web1")
      else:
        acknowledged = stream.acknowledged
        self.fleet.controller.kill()
        self.fleet.start_controller()
        self.assert_kept(acknowledged)
    stream.stop()
    self.assert_kept(stream.acknowledged)
    number, revision = self.stored()
    self.fleet.wait_status(
        "web1", lambda status: int(status.get("revision", 0)) == revision, f"has {revision}")
    print(f"           seed {_SEED}: {killed}, {stream.count} of {stream.attempted} applies "
          f"acknowledged, host at revision {revision}")

    self.assertGreater(stream.count, _KILLS // 2)
    # A mapped port without a listener answers with a reset; an unmapped port does not answer.
    self.assertEqual(
        probe.tcp_one(self.fleet.outsider, host.ipv4(), _FIRST_PORT + number), "closed")
    self.assertEqual(
        probe.tcp_one(self.fleet.outsider, host.ipv4(), _FIRST_PORT + number - 1), "filtered")
    flooded, knocked = fleets.report(flood), fleets.report(knock)
    self.assertGreater(flooded["attempts"], 10_000)
    self.assertEqual(flooded["succeeded"], 0)
    self.assertNotIn("tcp/81", fleets.report(listener))
    self.assertGreater(knocked["succeeded"], 1000)
    self.assertEqual(knocked["failures"], [])
    coming_and_going = [line for line in monitor.changes()
                        if re.match(r"(add|delete|flush) (table|chain)", line)]
    self.assertEqual(coming_and_going, [])

  def test_an_agent_that_ends_on_request_leaves_the_rules_too(self):
    host = self.fleet.hosts["web1"]
    self.fleet.apply(_policy(0))
    before = netfilter.ruleset(host.node)
    self.assertEqual(host.agent.stop(), 0)
    self.assertEqual(netfilter.ruleset(host.node), before)
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")

  def test_the_controller_ends_soon_on_request(self):
    begun = time.monotonic()
    self.assertEqual(self.fleet.controller.stop(), 0)
    self.assertLess(time.monotonic() - begun, 5)
    self.fleet.start_controller()
    self.fleet.wait_online("web1")
