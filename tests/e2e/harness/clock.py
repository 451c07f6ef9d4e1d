"""Clocks that can be set while programs run by them."""

import contextlib
import functools
import glob
import os
import subprocess
import tempfile


class Clock:
  """The wall clock of programs that are started with `command`; it is the true one until it is set.

  The kernel's own is not set: what it stamps with a time (packets that come in, files) has the true
  one.
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
    """To so long from the true time, as faketime writes it: "-1d", "+0"."""
    new = self._path + ".new"  # whoever reads it never finds a part
    with open(new, "w", encoding="ascii") as out:
      out.write(offset + "\n")
    os.replace(new, self._path)

  def close(self):
    os.unlink(self._path)
    # libfaketime leaves what a program that is killed shared with others.
    for left in glob.glob("/dev/shm/*faketime_s*_*"):
      if not os.path.exists(f"/proc/{left.rsplit('_', 1)[1]}"):
        with contextlib.suppress(FileNotFoundError):
          os.unlink(left)


@functools.cache
def _library():
  """Where the wrapper finds libfaketime. Without the wrapper the file can be changed."""
  return subprocess.run(["faketime", "-f", "+0", "printenv", "LD_PRELOAD"], check=True,
                        capture_output=True, text=True).stdout.strip()
