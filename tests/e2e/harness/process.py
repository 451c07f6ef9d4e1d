# SPDX-License-Identifier: Apache-2.0
"""Runs a long-running program, and waits for lines of its output."""

import os
import re
import signal
import subprocess
import threading
import time

# The time, in seconds, to wait for something that must happen. It only bounds a hang and measures
# nothing, because machines are slow at times.
PATIENCE = 60


class Process:
  """Start this in the main thread only: the kernel kills the program when that thread ends."""

  def __init__(self, name, command, log_path, environment=None):
    self.name = name
    self.log_path = log_path
    self._lines = []
    self._ended = False
    self._news = threading.Condition()
    self._log = open(log_path, "a", encoding="utf-8", errors="backslashreplace")
    self._log.write(f"$ {' '.join(command)}\n")
    self._process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", start_new_session=True, env=environment)
    self._reader = threading.Thread(target=self._read, daemon=True)
    self._reader.start()

  @property
  def pid(self):
    return self._process.pid

  def running(self):
    return self._process.poll() is None

  def lines(self):
    with self._news:
      return list(self._lines)

  def mark(self):
    """The value for wait_for_line's `after` with which it sees only lines from now on."""
    with self._news:
      return len(self._lines)

  def wait_for_line(self, pattern, after=0, timeout=PATIENCE):
    """The match of the first line since `after` in which `pattern` is found."""
    expression = re.compile(pattern)
    deadline = time.monotonic() + timeout
    position = after
    with self._news:
      while True:
        for line in self._lines[position:]:
          found = expression.search(line)
          if found:
            return found
        position = max(position, len(self._lines))
        left = deadline - time.monotonic()
        if self._ended or left <= 0:
          why = "it ended" if self._ended else f"not within {timeout} s"
          raise AssertionError(
              f"{self.name}: no line like {pattern!r}: {why}; its last lines:\n{self.tail()}")
        self._news.wait(left)

  def wait_for_end(self, timeout=PATIENCE):
    status = self._process.wait(timeout)
    self._reader.join(timeout)
    return status

  def ask(self, line, pattern):
    """Writes `line` to the program and waits for a line of its answer."""
    after = self.mark()
    self._process.stdin.write(line + "\n")
    self._process.stdin.flush()
    return self.wait_for_line(pattern, after)

  def signal(self, number):
    if self.running():
      os.killpg(self.pid, number)

  def kill(self):
    """Kills the program with SIGKILL, and waits until it has ended."""
    self.signal(signal.SIGKILL)
    self.wait_for_end()
    self._process.stdin.close()
    self._log.close()

  def stop(self):
    """Stops the program like a service manager: kills it if SIGTERM does not end it in 5 s."""
    self.signal(signal.SIGTERM)
    try:
      status = self.wait_for_end(5)
    except subprocess.TimeoutExpired:
      self.kill()
      return None
    self._process.stdin.close()
    self._log.close()
    return status

  def close(self):
    if self.running():
      self.signal(signal.SIGCONT)
      self.kill()

  def tail(self, count=25):
    return "\n".join(f"    {line}" for line in self._lines[-count:])

  def _read(self):
    for line in self._process.stdout:
      with self._news:
        self._lines.append(line.rstrip("\n"))
        self._log.write(line)
        self._log.flush()
        self._news.notify_all()
    with self._news:
      self._ended = True
      self._news.notify_all()


def wait_until(condition, what, timeout=PATIENCE):
  """Polls `condition` until it is true, for state without events; returns its value."""
  deadline = time.monotonic() + timeout
  while True:
    value = condition()
    if value:
      return value
    if time.monotonic() > deadline:
      raise AssertionError(f"{what}: not within {timeout} s")
    time.sleep(0.02)
