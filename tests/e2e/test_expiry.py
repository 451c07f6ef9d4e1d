# SPDX-License-Identifier: Apache-2.0
"""What has a time or a meter, across restarts, boots, set clocks and times without a controller."""

import datetime
import json
import os

from harness import case
from harness import clock
from harness import fleet as fleets
from harness import policies
from harness import probe
from harness import process

_SLOW = bool(os.environ.get("FIREBREAK_SLOW"))


class Expiry(case.FleetCase):
  """The host's clock is the test's; it is the only one that decides."""

  @classmethod
  def setUpClass(cls):
    cls.clock = clock.Clock()
    cls.addClassCleanup(cls.clock.close)
    cls.fleet = fleets.Fleet(cls.HOSTS, clocks={"web1": cls.clock})
    cls.addClassCleanup(cls.fleet.close)
    cls.host = cls.fleet.hosts["web1"]
    cls.fleet.listen("web1", "tcp/80-82")

  def states(self, *ports):
    address = self.host.node.ipv4()
    found = probe.tcp(self.fleet.outsider, [(address, port) for port in ports])
    return [found[(address, port)] for port in ports]

  def apply(self):
    hour = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    self.fleet.apply(policies.policy("subject", "all", f"""\
port_mappings:
  - {{name: short, protocol: tcp, ports: 80, expires: "{hour:%Y-%m-%dT%H:%MZ}"}}
  - {{name: long, protocol: tcp, ports: 81}}
  - {{name: few, protocol: tcp, ports: 82, limit: {{rate: 1/hour, burst: 3, per: source}}}}
"""))

  def boot(self):
    """What happens before the network comes up: the kernel has no rules."""
    for table in ("inet firebreak", "netdev firebreak"):
      self.host.node.run("nft", f"delete table {table}", check=False)
    self.host.node.run(*self.clock.command, fleets.program("firebreak-agent"), "--boot",
                       "--state-dir", self.host.state_directory)

  def answers(self):
    """Waits until the agent, which may be without a controller, has done what it does at a start."""
    process.wait_until(lambda: self.fleet.local("web1", "status").returncode == 0,
                       "the agent answers")

  def test_the_host_keeps_times_and_meters_by_itself(self):
    self.apply()
    self.assertEqual(self.states(80, 81), ["open", "open"])
    self.assertEqual([self.states(82)[0] for _ in range(4)], ["open"] * 3 + ["filtered"])

    # Neither agent nor controller runs when the time comes.
    self.host.agent.kill()
    self.fleet.controller.kill()
    self.clock.set("+2h")
    self.fleet.start_agent("web1")
    self.answers()
    self.assertEqual(self.states(80, 81), ["filtered", "open"])
    self.assertEqual(self.states(82), ["filtered"], "the meter has outlived the agent")
    actions = {one["name"]: one["action"]
               for one in json.loads(self.fleet.local("web1", "mappings", "-o", "json").stdout)}
    self.assertEqual((actions["short"], actions["long"]), ("expired", "allow"))

    # At boot, before anything asks for the time; meters begin anew, and count again.
    self.host.agent.kill()
    self.boot()
    self.assertEqual(self.states(80, 81), ["filtered", "open"])
    self.assertEqual([self.states(82)[0] for _ in range(4)], ["open"] * 3 + ["filtered"])

    # A clock that was wrong and is set right.
    self.clock.set("+0")
    self.boot()
    self.fleet.start_agent("web1")
    self.answers()
    self.assertEqual(self.states(80, 81), ["open", "open"])
    self.fleet.start_controller()
    self.fleet.wait_online("web1")

  if _SLOW:  # it takes minutes

    def test_a_clock_that_is_set_while_the_agent_runs_is_noticed(self):
      self.apply()
      self.clock.set("+2h")
      process.wait_until(lambda: self.states(80) == ["filtered"], "the mapping has expired",
                         timeout=180)
      self.clock.set("+0")
      process.wait_until(lambda: self.states(80) == ["open"], "the mapping holds again",
                         timeout=180)
