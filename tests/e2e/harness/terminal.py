# SPDX-License-Identifier: Apache-2.0
"""Runs a program at a terminal of its own, and plays the person who sits there."""

import os
import pty
import re
import select
import subprocess
import time

from harness import process


class Terminal:
  """Runs `command` in the foreground of a new terminal, which controls it; close() ends both."""

  def __init__(self, command):
    self._person, slave = pty.openpty()
    self.name = os.ttyname(slave)
    self._shown = ""
    self._program = subprocess.Popen(
        ["setsid", "--ctty", "setpriv", "--pdeathsig", "KILL", *command],
        stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)

  def wait_for(self, pattern, timeout=process.PATIENCE):
    """Waits until `pattern` is found in the text shown so far; returns the match."""
    deadline = time.monotonic() + timeout
    while not (found := re.search(pattern, self._shown)):
      left = deadline - time.monotonic()
      if left <= 0 or not self._read(left):
        raise AssertionError(f"nothing like {pattern!r} on the screen:\n{self._shown}")
    return found

  def type(self, text):
    os.write(self._person, text.encode())

  def wait_for_end(self):
    """Waits for the program's end; returns its exit status and all text shown."""
    status = self._program.wait(process.PATIENCE)
    while self._read(0):
      pass
    return status, self._shown.replace("\r\n", "\n")

  def close(self):
    if self._program.poll() is None:
      self._program.kill()
      self._program.wait()
    if self._person is not None:
      os.close(self._person)
      self._person = None

  def _read(self, timeout):
    if not select.select([self._person], [], [], timeout)[0]:
      return False
    try:
      text = os.read(self._person, 65536)
    except OSError:  # no process has the terminal open any more
      return False
    self._shown += text.decode(errors="replace")
    return bool(text)
