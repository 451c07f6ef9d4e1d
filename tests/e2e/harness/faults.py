# SPDX-License-Identifier: Apache-2.0
"""What may befall a fleet: each fault is a context manager that ends what it began."""

import contextlib
import os
import signal
import subprocess

from harness import clock
from harness import disk
from harness import fleet as fleets

_SOURCE = os.path.join(os.path.dirname(__file__), "failing_disk.c")
_OFFSETS = ("-5h", "-30m", "+30m", "+5h")


class Conditions:
  """The clock and the disk of one node's program; give it to Fleet as the node's clock."""

  def __init__(self, library, directory, name):
    self.clock = clock.Clock()
    self._failing = os.path.join(directory, f"failing-{name}")
    preload = next(one for one in self.clock.command if one.startswith("LD_PRELOAD="))
    self.command = [one for one in self.clock.command if one != preload] + [
        f"{preload}:{library}", f"FIREBREAK_TEST_FAILING={self._failing}"]

  @contextlib.contextmanager
  def failing_sync(self):
    with open(self._failing, "w", encoding="ascii"):
      pass
    try:
      yield
    finally:
      os.unlink(self._failing)

  @contextlib.contextmanager
  def wrong_clock(self, offset):
    self.clock.set(offset)
    try:
      yield
    finally:
      self.clock.set("+0")

  def close(self):
    self.clock.close()


def build_failing_disk(directory):
  library = os.path.join(directory, "failing_disk.so")
  subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, _SOURCE, "-ldl"], check=True)
  return library


class Faults:
  """Draws faults for a fleet whose programs run by `conditions`, each with its disk mounted apart.

  Each fault has a subject, which only one fault may have at a time.
  """

  def __init__(self, fleet, conditions, chance):
    self._fleet = fleet
    self._conditions = conditions
    self._chance = chance

  def draw(self, count):
    """Returns `count` faults with different subjects as [(description, context manager)]."""
    drawn = {}
    while len(drawn) < count:
      kind = self._chance.choice((self._kill, self._kill, self._freeze, self._cut, self._disk_full,
                                  self._read_only, self._failing_sync, self._clock))
      name = self._chance.choice(list(self._conditions))
      if kind == self._cut and name == "controller":
        continue
      drawn.setdefault(name, (f"{kind.__name__.strip('_')} {name}", kind(name)))
    return list(drawn.values())

  def _process(self, name):
    return self._fleet.controller if name == "controller" else self._fleet.hosts[name].agent

  def _start(self, name):
    if name == "controller":
      self._fleet.spawn_controller()
    else:
      self._fleet.start_agent(name)

  def start_what_ended(self):
    """Starts programs that have ended, as a service manager would."""
    for name in self._conditions:
      if not self._process(name).running():
        self._start(name)

  @contextlib.contextmanager
  def _kill(self, name):
    self._process(name).kill()
    try:
      yield
    finally:
      self._start(name)

  @contextlib.contextmanager
  def _freeze(self, name):
    frozen = self._process(name)
    frozen.signal(signal.SIGSTOP)
    try:
      yield
    finally:
      frozen.signal(signal.SIGCONT)

  @contextlib.contextmanager
  def _cut(self, name):
    port = self._fleet.network.port(self._fleet.hosts[name].node)
    self._fleet.network.switch.run("ip", "link", "set", port, "down")
    try:
      yield
    finally:
      self._fleet.network.switch.run("ip", "link", "set", port, "up")

  def _directory(self, name):
    return (self._fleet.controller_directory if name == "controller"
            else self._fleet.hosts[name].state_directory)

  @contextlib.contextmanager
  def _disk_full(self, name):
    filler = disk.fill(self._directory(name))
    try:
      yield
    finally:
      os.unlink(filler)

  @contextlib.contextmanager
  def _read_only(self, name):
    # The kernel refuses to remount while a file is open for writing; then this fault has no effect.
    self._remount(name, "ro")
    try:
      yield
    finally:
      self._remount(name, "rw")

  def _remount(self, name, how):
    subprocess.run(["mount", "-o", f"remount,{how}", self._directory(name)], check=False,
                   stderr=subprocess.DEVNULL)

  def _failing_sync(self, name):
    return self._conditions[name].failing_sync()

  def _clock(self, name):
    return self._conditions[name].wrong_clock(self._chance.choice(_OFFSETS))


def fleet_with_faults(scope, hosts):
  """Returns (a Fleet, its Conditions by node), with a small disk for each program."""
  conditions = {}
  fleet = fleets.Fleet(hosts, start=False, clocks=conditions)
  scope.callback(fleet.close)
  library = build_failing_disk(fleet.directory)
  for name in ("controller", *hosts):
    conditions[name] = Conditions(library, fleet.directory, name)
    scope.callback(conditions[name].close)
  os.mkdir(fleet.controller_directory, 0o700)
  # The disk is unmounted before the fleet deletes its directory.
  disk.mount(scope, fleet.controller_directory, 96)
  for host in fleet.hosts.values():
    disk.mount(scope, host.state_directory, 32)
  fleet.start_controller()
  for name in hosts:
    fleet.enrol(name)
  for name in hosts:
    fleet.wait_online(name)
  return fleet, conditions
