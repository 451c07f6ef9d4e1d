# SPDX-License-Identifier: Apache-2.0
"""Runs all tests and prints the closing line."""

import argparse
import os
import signal
import subprocess
import sys
import time

from suite import end_to_end
from suite import fuzzers
from suite import unit_tests

# test_capability starts agents that were built without a field; programs ask at an agent's socket.
_TEST_PROGRAMS = ("//agent/variants/... //docs/local-api:ask //docs/local-api:options "
                  "//tests/e2e/harness:local_program")


def _arguments():
  parser = argparse.ArgumentParser(add_help=False)
  parser.add_argument("--only", default="")
  parser.add_argument("--slow", action="store_true")
  parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
  return parser.parse_args()


def main():
  arguments = _arguments()
  signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
  root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
  begun = time.monotonic()

  def phase(title):
    print(f"== {time.monotonic() - begun:5.0f} s  {title}", flush=True)

  os.chdir(root)
  phase("Building the programs")
  build = subprocess.run(["deploy/build"], stdout=subprocess.PIPE, text=True, check=False,
                         env={**os.environ, "BAZEL_TARGETS": _TEST_PROGRAMS})
  os.environ["FIREBREAK_BIN"] = build.stdout.strip()
  os.environ["FIREBREAK_SLOW"] = "1" if arguments.slow else ""
  os.environ["FIREBREAK_SEED"] = str(arguments.seed)

  # Compilers keep the CPUs busy, while the end-to-end tests mostly wait for each other's programs,
  # so both run at the same time. The tests that need the machine to themselves run last.
  with unit_tests.Run(arguments.only) as unit_running:
    phase(f"Running the end-to-end tests (--seed {arguments.seed}), and building the unit tests")
    if build.returncode == 0:
      passed, failures = end_to_end.run(arguments.only, alone=False)
    else:
      passed, failures = 0, [("deploy/build", f"exit {build.returncode}; no end-to-end test was run")]
    phase("Running the rest of the unit tests")
    unit = unit_running.finish()
  print(f"   {unit.passed} passed, {len(unit.failures)} failed", flush=True)

  again = []  # the tests that passed then
  if build.returncode == 0:
    phase("Running the end-to-end tests that want the machine to themselves")
    alone_passed, alone_failures = end_to_end.run(arguments.only, alone=True)
    passed += alone_passed
    failures += alone_failures
    if failures:
      phase("Running the end-to-end tests that failed once more, one after the other")
      again = end_to_end.run_again(failures)
      passed += len(again)
  passed += unit.passed
  failures += unit.failures

  if arguments.slow:
    phase("Building and running the fuzzers")
    fuzz_passed, fuzz_failures = fuzzers.run(arguments.only, 60)
    passed += fuzz_passed
    failures += fuzz_failures

  for name, report in failures:
    unsteady = name.split(" ")[0] in again
    word = "UNSTEADY: it passed when it ran again by itself:" if unsteady else "FAILED"
    print(f"\n== {word} {name}\n{report}")
  failures = [one for one in failures if one[0].split(" ")[0] not in again]
  print(f"\n{time.monotonic() - begun:.0f} seconds", flush=True)
  sys.stderr.flush()
  print(f"{passed} passed, {len(failures)} failed", flush=True)
  return 0 if passed and not failures else 1


if __name__ == "__main__":
  try:
    sys.exit(main())
  except KeyboardInterrupt:
    sys.exit(130)
