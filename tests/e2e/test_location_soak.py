# SPDX-License-Identifier: Apache-2.0
"""Interfaces move between networks all the time: every switch is right, and nothing is left behind.

With --slow this lasts five minutes, at 200 switches a minute.
"""

import os
import re
import time

from harness import case
from harness import locations
from harness import policies
from harness import probe
from harness import process

SLOW = bool(os.environ.get("FIREBREAK_SLOW"))
# The interfaces that move, all of them in each step; eth0 stays where the controller is. More
# interfaces make more switches a minute, because the kernel reports the return of a carrier up to a
# second late.
INTERFACES = (1, 2, 3, 4, 5) if SLOW else (1, 2, 3)
STEPS = 200 if SLOW else 6
STEP_SECONDS = len(INTERFACES) * 60 / 200
PORT = 80


class Soak(case.FleetCase):
  HOSTS = {"laptop": {"role": "laptop"}}
  OPTIONS = {"interfaces": 1 + 2 * len(INTERFACES)}
  ALONE = SLOW

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.laptop = cls.fleet.hosts["laptop"]
    node, controller = cls.laptop.node, cls.fleet.controller_node
    for i in range(1 + len(INTERFACES), 1 + 2 * len(INTERFACES)):
      node.run("ip", "link", "delete", f"eth{i}")
    text, names = "", []
    for i in INTERFACES:
      node.run("ip", "address", "flush", "dev", f"eth{i}", "scope", "global")
      for network in (office(i), cafe(i)):
        node.run("ip", "address", "add", f"{node.ipv4(network)}/24", "dev", f"eth{i}")
      locations.Carrier(cls.fleet, "laptop", i).plug(cafe(i))
      address = f"{controller.ipv4(office(i))}:{locations.BEACON_PORT}"
      location = locations.Location(cls.fleet, f"office{i}", [address], precedence=i)
      location.serve(controller, address)
      text += location.text
      names.append(location.name)
    cls.fleet.listen("laptop", f"udp/{PORT}")
    cls.fleet.apply(
        text + policies.policy("office", "all", f"locations: [{', '.join(names)}]\n"
                               'firewall: "off"\n', priority=100)
        + policies.policy("anywhere", "all", 'firewall: "on"\n'))

  def test_every_switch_is_right_and_nothing_is_left(self):
    carriers = {i: locations.Carrier(self.fleet, "laptop", i) for i in INTERFACES}
    switches = 0
    begun = time.monotonic()
    before = None
    for step in range(STEPS):
      at_office = {i: (step + i) % 2 == 0 for i in INTERFACES}
      mark = self.laptop.agent.mark()
      for i, carrier in carriers.items():
        carrier.unplug()
        carrier.plug(office(i) if at_office[i] else cafe(i))
      # From here on, no interface that was carried to the café is at the office.
      for i in INTERFACES:
        if not at_office[i]:
          if step > 0:
            locations.wait_agent(self.laptop, "elsewhere", interface=i, after=mark)
            switches += 1
          self.assertFalse(self.reached(i, cafe(i), 0.12), f"step {step}: eth{i}")
      for i in INTERFACES:
        if at_office[i]:
          self.wait_promoted(i, mark)
          switches += 1
          self.assertTrue(self.reached(i, office(i), 2), f"step {step}: eth{i}")
      for i in INTERFACES:
        self.assertEqual(locations.leases(self.laptop, f"office{i}"),
                         [f"eth{i}"] if at_office[i] else [])
      if step == STEPS // 4 | 1:  # an odd step, like the last one
        before = self.held()
      if SLOW:
        time.sleep(max(0.0, begun + (step + 1) * STEP_SECONDS - time.monotonic()))
    seconds = time.monotonic() - begun
    after = self.held()
    print(f"    {switches} switches in {seconds:.0f} s ({switches / seconds * 60:.0f} a minute); "
          f"then as after a quarter of them: {before} … {after}")
    # Some descriptors belong to probes under way.
    process.wait_until(lambda: self.held()["descriptors"] <= before["descriptors"],
                       "no more descriptors than before")
    self.assertEqual(after["elements"], before["elements"])
    self.assertLess(after["kib"] - before["kib"], 1024)

  def wait_promoted(self, interface, mark):
    try:
      locations.wait_agent(self.laptop, f"office{interface}", interface=interface, after=mark)
    except AssertionError as error:
      told = self.fleet.local("laptop", "interfaces").stdout
      links = self.laptop.node.run("ip", "-br", "link").stdout
      raise AssertionError(f"{error}\n{told}{links}") from error

  def reached(self, interface, network, timeout):
    return probe.udp(self.fleet.outsider, self.laptop.node.ipv4(network), PORT, timeout)

  def held(self):
    """The memory and descriptors that the agent holds, and the number of our kernel elements."""
    pid = self.laptop.agent.pid
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
      kib = int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])
    elements = sum(len(locations.leases(self.laptop, f"office{i}")) for i in INTERFACES)
    return {"kib": kib, "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "elements": elements}


def office(interface):
  return 2 * interface - 1


def cafe(interface):
  return 2 * interface
