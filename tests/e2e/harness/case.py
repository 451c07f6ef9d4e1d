"""What the tests have in common: a fleet for the class, its logs in the report of a failure."""

import unittest

from harness import fleet as fleets


class FleetCase(unittest.TestCase):
  """A class says in HOSTS which hosts, with which labels; they are enrolled before its tests."""

  HOSTS = {"web1": {"role": "web"}}
  OPTIONS = {}
  ALONE = False  # whether no other class may run meanwhile: it measures, or takes all CPUs

  @classmethod
  def setUpClass(cls):
    cls.fleet = fleets.Fleet(cls.HOSTS, **cls.OPTIONS)
    cls.addClassCleanup(cls.fleet.close)

  def log_tails(self):
    return self.fleet.log_tails()

  def node(self, name):
    return self.fleet.hosts[name].node

  def assert_refused(self, text, *reasons, check=3):
    """Applying `text` is refused with each of `reasons` on stderr, and changes nothing."""
    before = self.fleet.revision()
    done = self.fleet.cli("apply", "-f", self.fleet.write(text), check=check)
    for reason in reasons:
      self.assertRegex(done.stderr, reason)
    self.assertEqual(self.fleet.revision(), before)
    return done
