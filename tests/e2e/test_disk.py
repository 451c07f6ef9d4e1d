# SPDX-License-Identifier: Apache-2.0
"""A full or read-only disk is reported clearly, and acknowledged data stays intact."""

import os
import subprocess
import tempfile

from harness import case
from harness import cleanup
from harness import disk
from harness import fleet as fleets
from harness import policies


class Disk(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    scope = cleanup.Scope()
    cls.addClassCleanup(scope.close)
    cls.mount = tempfile.mkdtemp(prefix=cleanup.PREFIX)
    scope.callback(os.rmdir, cls.mount)
    disk.mount(scope, cls.mount, 16)
    cls.fleet = fleets.Fleet(cls.HOSTS, controller_directory=os.path.join(cls.mount, "data"))
    scope.callback(cls.fleet.close)

  def description(self):
    return self.fleet.policy("subject")["description"]

  def apply(self, word, check=0):
    # The policy is long and looks random, so storing it needs new pages.
    ports = range(20_000, 22_000, 2)
    return self.fleet.cli("apply", "-f", self.fleet.write(policies.policy(
        "subject", "all", f"description: {word}\nport_mappings:\n" + policies.many(ports))),
                          check=check)

  def test_a_full_disk(self):
    self.apply("before")
    revision = self.fleet.revision()
    filler = disk.fill(self.mount)
    refused = None
    for i in range(200):  # applies that still fit into the journal are acknowledged and must stay
      done = self.apply(f"full{i}", check=None)
      if done.returncode != 0:
        refused = done
        break
      revision = self.fleet.revision()
    self.assertIsNotNone(refused, "the disk never was full")
    self.assertEqual(refused.returncode, 1, refused.stderr)
    self.assertRegex(refused.stderr, "(?i)full|no space")
    acknowledged = "before" if i == 0 else f"full{i - 1}"
    self.assertEqual((self.description(), self.fleet.revision()), (acknowledged, revision))
    self.assertEqual(self.fleet.status("web1")["state"], "online")

    # After a crash on the full disk, everything that was acknowledged is still there.
    self.fleet.controller.kill()
    os.unlink(filler)
    self.fleet.start_controller()
    self.assertEqual((self.description(), self.fleet.revision()), (acknowledged, revision))
    self.apply("after")
    self.assertEqual(self.description(), "after")
    self.fleet.wait_online("web1")

  def test_a_read_only_data_directory(self):
    self.apply("kept")
    revision = self.fleet.revision()
    self.fleet.controller.stop()
    subprocess.run(["mount", "-o", "remount,ro", self.mount], check=True)
    try:
      refused = self.fleet.spawn_controller()
      self.assertEqual(refused.wait_for_end(), 1)
      said = "\n".join(refused.lines())
      self.assertRegex(said, "(?i)read-only|not writable")
      self.assertIn(os.path.join(self.mount, "data"), said)
    finally:
      subprocess.run(["mount", "-o", "remount,rw", self.mount], check=True)
    self.fleet.start_controller()
    self.assertEqual((self.description(), self.fleet.revision()), ("kept", revision))
    self.fleet.wait_online("web1")

  def test_two_controllers_do_not_share_a_directory(self):
    first = self.fleet.controller
    second = self.fleet.spawn_controller(fleets.PORT + 1)
    self.fleet.controller = first
    self.assertNotEqual(second.wait_for_end(), 0)
    self.assertIn(os.path.join(self.mount, "data"), "\n".join(second.lines()))
    self.fleet.cli("host", "list", check=0)
