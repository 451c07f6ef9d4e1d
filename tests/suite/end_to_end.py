"""The tests of tests/e2e, one line each as they go."""

import os
import re
import sys
import time
import traceback
import unittest


class _Result(unittest.TestResult):
  """Prints a line per test; keeps failures with the logs' tails."""

  def __init__(self):
    super().__init__()
    self.passed = 0
    self.reports = []
    self._begun = 0.0
    self._failed = False

  def startTest(self, test):
    super().startTest(test)
    self._begun = time.monotonic()
    self._failed = False
    if sys.stdout.isatty():
      print(f"  …                {_name(test)}", end="\r", flush=True)

  def stopTest(self, test):
    super().stopTest(test)
    word = "FAILED" if self._failed else "ok"
    print(f"  {word:6} {time.monotonic() - self._begun:6.1f} s  {_name(test)}", flush=True)
    if not self._failed:
      self.passed += 1

  def addError(self, test, err):
    self._report(test, err)

  def addFailure(self, test, err):
    self._report(test, err)

  def addSubTest(self, test, subtest, err):
    if err is not None:
      self._report(subtest, err)

  def addSkip(self, test, reason):
    # Nothing is skipped: what cannot be run has not been shown.
    self._failed = True
    self.reports.append((_name(test), f"skipped: {reason}"))

  def _report(self, test, err):
    self._failed = True
    text = "".join(traceback.format_exception(*err))
    try:
      text += test.log_tails()
    except Exception:  # of a test without a fleet, or one that came to no fleet
      pass
    self.reports.append((_name(test), text))
    if not isinstance(test, unittest.TestCase):
      print(f"  FAILED           {_name(test)}", flush=True)
    print("    " + str(err[1]).split("\n", maxsplit=1)[0], flush=True)


def _name(test):
  return re.sub(r"^(\S+) \(.*?(\w+\.\w+?)(\.\w+)?\)", r"\2.\1", str(test))


def _tests(suite):
  for item in suite:
    if isinstance(item, unittest.TestSuite):
      yield from _tests(item)
    else:
      yield item


def run(pattern):
  """Returns (passed, [(name, report)]). The programs are those that FIREBREAK_BIN points to."""
  folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e")
  sys.path.insert(0, folder)
  from harness import cleanup  # once the path is there
  cleanup.install()
  found = unittest.defaultTestLoader.discover(folder, "test_*.py", folder)
  chosen = unittest.TestSuite(
      test for test in _tests(found) if not pattern or re.search(pattern, test.id(), re.IGNORECASE))
  result = _Result()
  chosen.run(result)
  return result.passed, result.reports
