# SPDX-License-Identifier: Apache-2.0
"""The base class of tests: makes a fleet for the class and adds its logs to reports of failures."""

import unittest

from harness import fleet as fleets


class FleetCase(unittest.TestCase):
  """HOSTS has the names and labels of the class's hosts, which are enrolled before its tests."""

  HOSTS = {"web1": {"role": "web"}}
  OPTIONS = {}
  ALONE = False  # whether the class must run alone, because it measures or uses all CPUs

  @classmethod
  def setUpClass(cls):
    cls.fleet = fleets.Fleet(cls.HOSTS, **cls.OPTIONS)
    cls.addClassCleanup(cls.fleet.close)

  def log_tails(self):
    return self.fleet.log_tails()

  def node(self, name):
    return self.fleet.hosts[name].node

  def assert_refused(self, text, *reasons, check=3):
    """Asserts that applying `text` is refused with all `reasons` on stderr and changes nothing."""
    before = self.fleet.revision()
    done = self.fleet.cli("apply", "-f", self.fleet.write(text), check=check)
    for reason in reasons:
      self.assertRegex(done.stderr, reason)
    self.assertEqual(self.fleet.revision(), before)
    return done
