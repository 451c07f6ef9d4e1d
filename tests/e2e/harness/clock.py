# SPDX-License-Identifier: Apache-2.0
"""Clocks that can be set while programs that use them are running."""

import contextlib
import functools
import glob
import os
import subprocess
import tempfile


class Clock:
  """The wall clock of programs that are started with `command`; until set, it shows the true time.

  The kernel's clock is not set: times that the kernel assigns (to received packets, to files) are
  true.
  """

  def __init__(self):
    descriptor, self._path = tempfile.mkstemp(prefix="fbt-clock-")
    os.close(descriptor)
    self.set("+0")
    self.command = [
        "env", f"LD_PRELOAD={_library()}", f"FAKETIME_TIMESTAMP_FILE={self._path}",
        "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1",
    ]

  def set(self, offset):
    """Sets the clock to an offset from the true time, in faketime's syntax: "-1d", "+0"."""
    new = self._path + ".new"  # written aside and renamed, so that no reader finds a part of it
    with open(new, "w", encoding="ascii") as out:
      out.write(offset + "\n")
    os.replace(new, self._path)

  def close(self):
    os.unlink(self._path)
    # A program that is killed leaves libfaketime's shared memory behind.
    for left in glob.glob("/dev/shm/*faketime_s*_*"):
      if not os.path.exists(f"/proc/{left.rsplit('_', 1)[1]}"):
        with contextlib.suppress(FileNotFoundError):
          os.unlink(left)


@functools.cache
def _library():
  """The path at which the faketime wrapper finds libfaketime."""
  return subprocess.run(["faketime", "-f", "+0", "printenv", "LD_PRELOAD"], check=True,
                        capture_output=True, text=True).stdout.strip()
