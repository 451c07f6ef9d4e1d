# SPDX-License-Identifier: Apache-2.0
"""A stream of changes that goes on whatever befalls the fleet."""

import contextlib
import re
import subprocess
import threading


class Applies(threading.Thread):
  """Applies policy 1, 2, 3, … and remembers the last one that the controller has acknowledged.

  `policy` makes the text of a policy from its number. An apply that takes longer than `timeout` is
  given up and counts as not acknowledged; without one it ends the stream.
  """

  def __init__(self, fleet, policy, pause=0, timeout=None):
    super().__init__(daemon=True)
    self._fleet = fleet
    self._policy = policy
    self._pause = pause
    self._options = {"timeout": timeout} if timeout else {}
    self._given_up = (subprocess.TimeoutExpired,) if timeout else ()
    self._ending = threading.Event()
    self._path = fleet.write("")
    self.attempted = 0
    self.count = 0
    self.acknowledged = (0, 0)  # the number, the revision

  def run(self):
    while not self._ending.wait(self._pause):
      self.attempted += 1
      with open(self._path, "w", encoding="utf-8") as out:
        out.write(self._policy(self.attempted))
      with contextlib.suppress(*self._given_up):
        done = self._fleet.cli("apply", "-f", self._path, **self._options)
        if done.returncode == 0:
          revision = int(re.search(r"revision (\d+)", done.stdout)[1])
          self.acknowledged = (self.attempted, revision)
          self.count += 1

  def stop(self):
    self._ending.set()
    self.join()
