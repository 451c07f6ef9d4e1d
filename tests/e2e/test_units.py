# SPDX-License-Identifier: Apache-2.0
"""Outbound mappings that name units of systemd, with real control groups and real packets.

Directories are made as systemd makes them; the fleet's agent sees them by a mount of its own, as
`ip netns exec` hides the machine's.
"""

import contextlib
import os
import subprocess
import sys
import unittest

from harness import case
from harness import control_groups
from harness import policies
from harness import process

_SLICE = f"fbt{os.getpid()}.slice"
_IMPOSTORS = f"fbt{os.getpid()}x.slice"


@unittest.skipIf(control_groups.mount() is None,
                 "this machine has no cgroup v2 to make control groups in")
class Units(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.address = cls.fleet.hosts["web1"].node.ipv4()
    cls.target = cls.fleet.outsider.ipv4()

  def make(self, *parts):
    """Makes a control group, as systemd does when a unit starts; it ends with the test."""
    path = control_groups.mount()
    for part in parts:
      path = os.path.join(path, part)
      with contextlib.suppress(FileExistsError):
        os.mkdir(path)
        self.addCleanup(self.remove, path)
    return path

  @staticmethod
  def remove(path):
    with contextlib.suppress(FileNotFoundError):
      os.rmdir(path)

  def mount_for_the_agent(self):
    agent = str(self.fleet.hosts["web1"].agent.pid)
    subprocess.run(["nsenter", "-t", agent, "-m", "mount", "-t", "cgroup2", "none",
                    "/sys/fs/cgroup"], check=True)

  def apply(self, *units):
    return self.fleet.apply(policies.policy(
        "subject", "all",
        f"outbound: {{default: block, allow: [{{protocol: tcp, ports: 7443}}, {{name: time, "
        f"protocol: udp, ports: 123, units: [{', '.join(units)}]}}]}}"))

  def sends(self, group=None):
    """Whether a program in the control group may send to the port."""
    code = (f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
            f".sendto(b'x', ('{self.target}', 123))")

    def enter():
      if group is not None:
        with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as processes:
          processes.write(str(os.getpid()))

    done = subprocess.run(self.node("web1").command(sys.executable, "-c", code), check=False,
                          capture_output=True, preexec_fn=enter)
    return done.returncode == 0

  def trace(self, unit, check=0):
    return self.fleet.cli(
        "host", "trace", "web1", "--out", "eth0", "--proto", "udp", "--from", self.address, "--to",
        f"{self.target}:123", "--unit", unit, "-o", "json", check=check)

  def unknown(self):
    return self.fleet.status("web1").get("facts", {}).get("unknown_senders", [])

  def test_a_unit_is_followed_as_it_starts_ends_and_starts_again(self):
    self.apply("fbt-time.service")
    self.assertRegex(self.unknown()[0], "unit fbt-time.service: .*cgroup2 is not mounted")
    self.mount_for_the_agent()
    self.apply("fbt-time.service", "fbt-other.service")
    process.wait_until(lambda: len(self.unknown()) == 2, "both units are told as unknown")
    self.assertEqual(self.unknown()[1], "unit fbt-time.service: it is not running")
    self.assertIn("unit fbt-time.service: it is not running; mappings that name it",
                  self.fleet.cli("host", "status", "web1").stdout)
    self.assertFalse(self.sends())

    # In a slice that comes with it.
    service = self.make(_SLICE, "fbt-time.service")
    process.wait_until(lambda: self.sends(service), "the unit may send")
    self.assertFalse(self.sends())
    neighbour = self.make(_SLICE, "fbt-time2.service")
    self.assertFalse(self.sends(neighbour))
    self.assertTrue(self.sends(self.make(_SLICE, "fbt-time.service", "worker")))
    os.rmdir(os.path.join(service, "worker"))
    process.wait_until(lambda: len(self.unknown()) == 1, "only the other is unknown")
    self.assertIn('"verdict": "accept"', self.trace("fbt-time.service").stdout)
    self.assertIn('"verdict": "drop"', self.trace("fbt-time2.service").stdout)
    self.assertRegex(self.trace("fbt-none.service", check=None).stderr, "does not run on this host")

    # Its control group has another number when it starts again.
    os.rmdir(service)
    process.wait_until(lambda: len(self.unknown()) == 2, "the unit has ended")
    service = self.make(_SLICE, "fbt-time.service")
    process.wait_until(lambda: self.sends(service), "the unit may send again")

    # A user's own unit of that name is another one.
    os.rmdir(service)
    impostor = self.make(_IMPOSTORS, "user@1000.service", "app.slice", "fbt-time.service")
    process.wait_until(lambda: len(self.unknown()) == 2, "the unit has ended again")
    self.assertFalse(self.sends(impostor))

    # A slice is all that runs in it.
    self.apply(_SLICE)
    self.assertTrue(self.sends(neighbour))
    self.assertFalse(self.sends(impostor))

  def test_bad_names_are_refused(self):
    for unit, reason in (("chrony", r'did you mean \\?"chrony.service\\?"'),
                         ("apt.timer", "the service that it starts"),
                         ('"../x.service"', "letters")):
      with self.subTest(unit=unit):
        self.assert_refused(policies.policy(
            "bad", "all", f"outbound: {{allow: [{{protocol: udp, ports: 123, units: [{unit}]}}]}}"),
                            reason)
    self.assert_refused(policies.policy(
        "bad", "all", "port_mappings: [{protocol: udp, ports: 123, units: [chrony.service]}]"),
                        '"outbound"')
