# SPDX-License-Identifier: Apache-2.0
"""Events on a host while its controller is away are told later, once, and in order."""

import re

from harness import case
from harness import fleet as fleets
from harness import locations
from harness import process

OFFICE, CAFE = 0, 1


class ToldLater(case.FleetCase):
  """A laptop is carried between the office and a café, and its user switches its firewall.

  The machine in the café has the office's addresses, and a beacon with a key of its own.
  """

  HOSTS = {"laptop": {"role": "laptop"}}
  OPTIONS = {"interfaces": 2}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.laptop = cls.fleet.hosts["laptop"]
    locations.give_the_cafe_to_the_outsider(cls.fleet, "laptop")
    cls.corp, _ = locations.corp_beside_the_controller(cls.fleet)
    cls.carrier = locations.Carrier(cls.fleet, "laptop")
    other = locations.Location(cls.fleet, "corp", cls.corp.addresses, cls.fleet.path("other-ca"))
    other.serve(cls.fleet.outsider, *cls.corp.addresses)
    cls.agents = [cls.laptop.agent]
    cls.controllers = [cls.fleet.controller]

  def carry(self, network):
    mark = self.laptop.agent.mark()
    self.carrier.unplug()
    self.carrier.plug(network)
    self.laptop.node.run("ip", "neighbour", "flush", "dev", "eth0")
    locations.wait_agent(self.laptop, ("corp", "elsewhere")[network], after=mark)

  def switch(self, verb, reason, check=0):
    self.fleet.local("laptop", verb, "--reason", reason, check=check)

  def restart_agent(self):
    self.laptop.agent.kill()
    self.agents.append(self.fleet.start_agent("laptop"))
    locations.wait_agent(self.laptop, "corp")

  def restart_controller(self):
    self.fleet.start_controller()
    self.controllers.append(self.fleet.controller)
    self.fleet.wait_online("laptop")

  def wait_moves_told(self, at_least):
    """Waits until the controller has told all that the agent saw, once and in the same order."""
    seen, told = [], []

    def agree():
      seen[:] = _places(self.agents)
      told[:] = _places(self.controllers)
      return len(told) >= len(seen)

    process.wait_until(agree, "the moves are told")
    self.assertEqual(told, seen)
    self.assertGreaterEqual(len(told), at_least)

  def rows(self, action):
    return [row for row in self.fleet.audit()
            if row["actor"] == "host/laptop" and row["action"] == action]

  def reasons(self):
    return [re.search("reason: ([^;]*)", row["detail"])[1] for row in self.rows("local switch")]

  def wait_told(self, reasons):
    """Waits for the last switch; events are told in order, so all earlier ones have been told."""
    process.wait_until(lambda: len(self.reasons()) >= len(reasons), f"{reasons} are told")
    self.assertEqual(self.reasons(), reasons)

  def test_moves_switches_and_false_beacons(self):
    self.fleet.apply(self.corp.text + locations.off_at_corp("local_control: allow\n"))
    self.fleet.controller.wait_for_line("host laptop: eth0 is at corp, was at elsewhere")

    self.fleet.controller.kill()
    self.carry(CAFE)
    self.switch("disable", "over coffee")
    # The agent must have seen that the beacon is false.
    process.wait_until(
        lambda: "certificate is not valid" in self.fleet.local("laptop", "interfaces", "-o",
                                                              "json").stdout,
        "the false beacon is seen")
    self.carry(OFFICE)
    # This ends the switch; the verb fails and says that the office's own policy has the firewall
    # off.
    self.switch("enable", "back again", check=1)
    self.restart_agent()
    self.carry(CAFE)
    self.carry(OFFICE)
    # Moves are written within a second; a switch writes all earlier events before it returns.
    self.switch("disable", "at last")
    self.restart_agent()

    self.restart_controller()
    told = ["over coffee", "back again", "at last"]
    self.wait_told(told)
    self.wait_moves_told(7)
    process.wait_until(lambda: self.rows("prove a location"), "the false beacon is told")
    [refused] = self.rows("prove a location")
    self.assertEqual((refused["result"], refused["object"]), ("refused", "eth0 at corp"))
    self.assertIn("certificate is not valid", refused["detail"])

    # Both ends then remember only what is on their disks.
    self.fleet.controller.kill()
    self.restart_agent()
    self.restart_controller()
    self.switch("enable", "the last", check=1)
    self.wait_told([*told, "the last"])
    self.wait_moves_told(8)
    self.assertEqual(len(self.rows("prove a location")), 1)
    self.assertEqual(self.rows("lose events"), [])
    self.fleet.cli("audit", "verify", "--anchor", self.fleet.path("anchor"), check=0)


def _places(programs):
  """The locations of eth0 that the programs' logs name, one after the other."""
  return [found[1] for one in programs for line in one.lines()
          if (found := re.search(r"eth0 is at (\w+), was at", line))]
