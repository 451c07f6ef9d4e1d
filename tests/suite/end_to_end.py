# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of tests/e2e, twice as many classes at a time as there are CPUs.

A test mostly waits for programs, for timers and for the kernel.

Each worker is a process of its own, because tests put the number of their process into the names
of namespaces and files. Classes that measure, or use all CPUs, have ALONE = True: they run alone,
one after the other. A line is printed for each test.
"""

import concurrent.futures
import json
import os
import queue
import re
import signal
import subprocess
import sys
import time
import traceback
import unittest

_TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_FOLDER = os.path.join(_TESTS, "e2e")
# The number of tests that may fail by accident, beside others that keep the machine busy.
_ACCIDENTS = 4
# Begin the lines that a worker prints for its owner; tests print no such lines.
_BEGUN = "\1"  # the name of the test that begins
_END = "\0"  # the outcome of a class, its last line


class _Result(unittest.TestResult):
  """Prints a line for each test; keeps failures, with the ends of the logs."""

  def __init__(self):
    super().__init__()
    self.passed = 0
    self.reports = []
    self._begun = 0.0
    self._failed = False

  def startTest(self, test):
    super().startTest(test)
    print(_BEGUN + _name(test), flush=True)
    self._begun = time.monotonic()
    self._failed = False

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
    # A skipped test counts as failed: what was not run has not been shown to work.
    self._failed = True
    self.reports.append((_name(test), f"skipped: {reason}"))

  def _report(self, test, err):
    self._failed = True
    text = "".join(traceback.format_exception(*err))
    try:
      text += test.log_tails()
    except Exception:  # the test has no fleet, or its fleet was not made
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


def _classes(pattern):
  """Returns the names of the chosen tests, by class: [(whether alone, [name])]."""
  found = unittest.defaultTestLoader.discover(_FOLDER, "test_*.py", _FOLDER)
  chosen = {}
  for test in _tests(found):
    if not pattern or re.search(pattern, test.id(), re.IGNORECASE):
      chosen.setdefault(type(test), []).append(test.id())
  return [(getattr(cls, "ALONE", False), names) for cls, names in chosen.items()]


def _go_before_compilers():
  try:
    os.nice(-10)
  except OSError:
    pass  # a container may forbid it; then the tests only wait longer


class _Worker:
  """Runs classes in a process of its own, and in a new one if that process dies."""

  def __init__(self):
    self._ending = False
    self._start()

  def run(self, names):
    """Returns (passed, [(name, report)])."""
    current = names[0]
    passed = 0
    self._process.stdin.write(json.dumps(names) + "\n")
    self._process.stdin.flush()
    for line in self._process.stdout:
      if line.startswith(_END):
        passed, reports = json.loads(line.removeprefix(_END))
        return passed, [tuple(report) for report in reports]
      if line.startswith(_BEGUN):
        current = line.removeprefix(_BEGUN).rstrip("\n")
        continue
      passed += line.startswith("  ok ")
      sys.stdout.write(line)
      sys.stdout.flush()
    report = f"the process that ran it ended with {self._process.wait()}; its class was not finished"
    print(f"  FAILED           {current}\n    {report}", flush=True)
    if not self._ending:
      self._start()
    # Named after the class, of which more than one test was not run.
    return passed, [(f"{names[0].rpartition('.')[0]} (at {current})", report)]

  def end(self):
    """Ends the worker, which then undoes everything that its tests made."""
    self._ending = True
    self._process.terminate()
    self._process.communicate()

  def _start(self):
    self._process = subprocess.Popen([sys.executable, "-m", "suite.end_to_end"], cwd=_TESTS,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                     preexec_fn=_go_before_compilers)


def run(pattern, alone):
  """Runs the classes that have ALONE = True, or all others.

  Returns (passed, [(name, report)]). The programs are those that FIREBREAK_BIN points to.
  """
  sys.path.insert(0, _FOLDER)
  classes = [names for is_alone, names in _classes(pattern) if is_alone == alone]
  return _run(classes, 1 if alone else 2 * (os.cpu_count() or 1))


def run_again(failures):
  """Runs tests that failed once more, one after the other.

  Takes what `run` returned as failures; returns the names of the tests that pass now. Nothing is
  run again if too many failed, because that is no accident.
  """
  # A part of a test is named "FILE.CLASS.TEST (PART)". Other names tell of a class that did not
  # begin or was not finished.
  names = sorted({name.split(" ")[0] for name, _ in failures})
  if len(names) > _ACCIDENTS:
    return []
  sys.path.insert(0, _FOLDER)
  return [name for name in names
          if re.fullmatch(r"\w+\.\w+\.test_\w+", name) and _run([[name]], 1) == (1, [])]


def _run(classes, most):
  """Runs the classes, at most `most` at a time."""
  count = max(1, min(most, len(classes)))
  workers = [_Worker() for _ in range(count)]
  idle = queue.SimpleQueue()
  for worker in workers:
    idle.put(worker)

  def run_class(names):
    worker = idle.get()
    try:
      return worker.run(names)
    finally:
      idle.put(worker)

  outcomes = []
  pool = concurrent.futures.ThreadPoolExecutor(count)
  try:
    outcomes += pool.map(run_class, classes)
  finally:
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
      worker.end()
  return sum(passed for passed, _ in outcomes), [one for _, reports in outcomes for one in reports]


def _serve():
  sys.path.insert(0, _FOLDER)
  from harness import cleanup  # can be imported now that the path is set
  cleanup.install()
  # Background jobs of a shell ignore SIGINT, and every program that a test starts would inherit
  # that.
  signal.signal(signal.SIGINT, signal.default_int_handler)
  # Only this process reads the requests; programs that tests start get an empty standard input.
  with os.fdopen(os.dup(0), encoding="utf-8") as requests:
    with open(os.devnull, encoding="utf-8") as nothing:
      os.dup2(nothing.fileno(), 0)
    for request in requests:
      result = _Result()
      names = json.loads(request)
      try:
        unittest.defaultTestLoader.loadTestsFromNames(names).run(result)
      except Exception:  # raised by this program; unittest catches what a test raises
        result.reports.append((names[0], traceback.format_exc()))
      print(_END + json.dumps([result.passed, result.reports]), flush=True)


if __name__ == "__main__":
  try:
    _serve()
  except KeyboardInterrupt:
    sys.exit(130)
