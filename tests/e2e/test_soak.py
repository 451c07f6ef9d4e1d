# SPDX-License-Identifier: Apache-2.0
"""Random faults: acknowledged changes hold, nothing opens, and every packet is counted."""

import contextlib
import json
import os
import random
import re
import time

from harness import applies
from harness import case
from harness import cleanup
from harness import faults
from harness import fleet as fleets
from harness import policies
from harness import probe
from harness import process
from harness import records

_SECONDS = int(os.environ.get("FIREBREAK_SOAK", "600" if os.environ.get("FIREBREAK_SLOW") else "60"))
_SEED = int(os.environ.get("FIREBREAK_SEED", "0"))
_FIRST_PORT = 20_000
_HEAL = 240  # seconds for a fleet that trials, backoffs and a wrong clock have delayed


class Soak(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    scope = cleanup.Scope()
    cls.addClassCleanup(scope.close)
    cls.fleet, cls.conditions = faults.fleet_with_faults(scope, cls.HOSTS)

  def policy(self, number):
    opened = policies.opened("tcp/80", f"tcp/{_FIRST_PORT + number}")
    logging = records.logging(self.fleet.path("host.log"))
    return policies.policy("subject", "all",
                           f'description: number {number}\nfirewall: "on"\n{opened}{logging}')

  def stored(self):
    """The (number, revision) that the controller has stored."""
    return int(self.fleet.policy("subject")["description"].split()[1]), self.fleet.revision()

  def test_what_was_acknowledged_holds(self):
    fleet, chance = self.fleet, random.Random(_SEED)
    fleet.apply(self.policy(0))
    listeners = {name: fleet.listen(name, "tcp/81") for name in self.HOSTS}
    floods = [fleet.traffic(fleet.outsider, "flood", 81, *self.node(name).addresses())
              for name in self.HOSTS]
    # A frozen controller does not hold up the stream for longer than the fault lasts.
    stream = applies.Applies(fleet, self.policy, pause=0.05, timeout=30)
    stream.start()
    self.addCleanup(stream.stop)
    drawn = faults.Faults(fleet, self.conditions, chance)
    befallen = []
    ends = time.monotonic() + _SECONDS
    while time.monotonic() < ends:
      with contextlib.ExitStack() as stack:
        for name, fault in drawn.draw(chance.choice((1, 1, 2))):
          befallen.append(name)
          stack.enter_context(fault)
        time.sleep(chance.uniform(0.05, 2.5))  # how long the fault lasts
      drawn.start_what_ended()
      time.sleep(chance.uniform(0.0, 1.0))  # until the random moment of the next fault
    for flood in floods:
      report = fleets.report(flood)
      self.assertGreater(report["attempts"], 1_000)
      self.assertEqual(report["succeeded"], 0, befallen)
      flood.stop()
    stream.stop()
    print(f"\n           seed {_SEED}: {len(befallen)} faults, {stream.count} of "
          f"{stream.attempted} applies acknowledged")
    try:
      self.assert_healed(drawn, stream.acknowledged, "disk_full controller" in befallen)
    except BaseException:
      print(f"           {befallen}")
      raise
    for listener in listeners.values():
      self.assertNotIn("tcp/81", fleets.report(listener))

  def assert_healed(self, drawn, acknowledged, gave_way):
    process.wait_until(lambda: self._healed(drawn), "all programs run, every host is online", _HEAL)
    number, revision = self.stored()
    self.assertGreaterEqual(number, acknowledged[0])
    self.assertGreaterEqual(revision, acknowledged[1])
    for name in self.HOSTS:
      process.wait_until(lambda name=name: self._has(name, revision), f"{name} has {revision}", _HEAL)
      address = self.node(name).ipv4()
      self.assertEqual(probe.tcp_one(self.fleet.outsider, address, _FIRST_PORT + number), "closed")
      self.assertEqual(
          probe.tcp_one(self.fleet.outsider, address, _FIRST_PORT + number - 1), "filtered")
    for name in self.HOSTS:
      self.assert_counted(name, gave_way)
    done = self.fleet.cli("audit", "verify", "--anchor", self.fleet.path("anchor"), check=0)
    self.assertRegex(done.stdout, r"whole +\d+ rows")

  def _healed(self, drawn):
    drawn.start_what_ended()
    listed = self.fleet.cli("host", "list", "-o", "json")
    states = {host["name"]: host.get("state") for host in json.loads(listed.stdout or "[]")
              } if listed.returncode == 0 else {}
    return all(states.get(name) == "online" for name in self.HOSTS)

  def _has(self, name, revision):
    return int(self.fleet.status(name).get("revision", 0)) == revision

  def assert_counted(self, name, gave_way):
    """Asserts that every packet that the kernel has counted is a record or declared lost.

    `gave_way` says that the controller's disk was full, so that the log has deleted its oldest
    records. The numbers of the remaining records must have no gap then.
    """
    last = []

    def agree():
      found = records.search(self.fleet, "-n", "0", "--host", name)
      last[:] = [records.counted(self.node(name)), *records.total(found), _hole(found)]
      return last[0] == last[1] + last[2] or (gave_way and not last[3])

    try:
      process.wait_until(agree, f"every packet of {name} is accounted for", _HEAL)
    except AssertionError as error:
      raise AssertionError(f"{error}: counted, recorded, lost, the first hole: {last}") from None


def _hole(found):
  """The two neighbours between which numbers are missing, or None; a new epoch begins at 1 or 2."""
  numbers = [int(one["sequence"]) for one in found if one.get("sequence", "0") != "0"]
  return next((pair for pair in zip(numbers, numbers[1:])
               if pair[1] != pair[0] + 1 and pair[1] > 2), None)
