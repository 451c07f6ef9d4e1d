# SPDX-License-Identifier: Apache-2.0
"""Undoes everything that tests made, last first, however the tests end, except by kill -9."""

import atexit
import contextlib
import os
import re
import signal
import subprocess
import sys

PREFIX = f"fbt-{os.getpid()}-"

_open = []


class Scope(contextlib.ExitStack):
  """An ExitStack that is also closed when the program ends before its owner closes it."""

  def __init__(self):
    super().__init__()
    _open.append(self)

  def close(self):
    if self in _open:
      _open.remove(self)
    super().close()


def _close_all():
  while _open:
    _open[-1].close()


def _terminate(signum, _frame):
  sys.exit(128 + signum)


def install():
  """Call this once, first, in the main thread. Also cleans up after runs that were killed."""
  atexit.register(_close_all)
  signal.signal(signal.SIGTERM, _terminate)
  signal.signal(signal.SIGHUP, _terminate)
  _remove_namespaces_of_the_dead()


def _remove_namespaces_of_the_dead():
  listing = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
  for line in listing.stdout.splitlines():
    found = re.match(r"(fbt-(\d+)-\S+)", line)
    if found and not os.path.exists(f"/proc/{found[2]}"):
      subprocess.run(["ip", "netns", "delete", found[1]], check=False)
