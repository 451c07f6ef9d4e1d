# SPDX-License-Identifier: Apache-2.0
"""Runs the fuzzers of tests/fuzz, which need another compiler and time."""

import os
import re
import subprocess


def run(pattern, seconds):
  """Returns (passed, [(name, report)]); with a pattern, only for targets whose names contain it."""
  names = sorted(name.removesuffix(".cc") for name in os.listdir("tests/fuzz")
                 if name.endswith("_fuzz.cc"))
  targets = [name for name in names
             if re.search(pattern, f"//tests/fuzz:{name}", re.IGNORECASE)]
  if not targets:
    return 0, []
  done = subprocess.run(["tests/fuzz/run", "--seconds", str(seconds), *targets],
                        stdout=subprocess.PIPE, text=True, check=False)
  print(done.stdout, end="", flush=True)
  passed = re.findall(r"^ok +(\S+):", done.stdout, re.MULTILINE)
  failures = [(f"//tests/fuzz:{name}", f"exit {done.returncode}; see above")
              for name in targets if name not in passed]
  return len(passed), failures
