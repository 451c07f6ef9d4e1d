"""All tests, one after the other, and the closing line."""

import argparse
import os
import signal
import subprocess
import sys
import time

from suite import end_to_end
from suite import fuzzers
from suite import unit_tests


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

  phase("Building and running the unit tests")
  os.chdir(root)
  unit = unit_tests.run(arguments.only)
  passed, failures = unit.passed, unit.failures
  print(f"   {passed} passed, {len(failures)} failed", flush=True)

  if arguments.slow:
    phase("Building and running the fuzzers")
    fuzz_passed, fuzz_failures = fuzzers.run(arguments.only, 60)
    passed += fuzz_passed
    failures += fuzz_failures

  phase("Building the programs")
  build = subprocess.run(["deploy/build"], stdout=subprocess.PIPE, text=True, check=False)
  if build.returncode != 0:
    failures.append(("deploy/build", f"exit {build.returncode}; no end-to-end test was run"))
  else:
    os.environ["FIREBREAK_BIN"] = build.stdout.strip()
    os.environ["FIREBREAK_SLOW"] = "1" if arguments.slow else ""
    os.environ["FIREBREAK_SEED"] = str(arguments.seed)
    phase(f"Running the end-to-end tests (--seed {arguments.seed})")
    end_passed, end_failures = end_to_end.run(arguments.only)
    passed += end_passed
    failures += end_failures

  for name, report in failures:
    print(f"\n== FAILED {name}\n{report}")
  print(f"\n{time.monotonic() - begun:.0f} seconds", flush=True)
  sys.stderr.flush()
  print(f"{passed} passed, {len(failures)} failed", flush=True)
  return 0 if passed and not failures else 1


if __name__ == "__main__":
  try:
    sys.exit(main())
  except KeyboardInterrupt:
    sys.exit(130)
