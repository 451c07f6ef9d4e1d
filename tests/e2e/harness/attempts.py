# SPDX-License-Identifier: Apache-2.0
"""Tries connections all the time and notes when each one's SYN was sent and when it succeeded."""

import select
import socket
import threading
import time

_GIVE_UP = 0.2  # less than the time after which the kernel sends the SYN again
_PAUSE = 0.001  # without a pause, the attempts would take the time that they are to measure


class Attempts:
  """Connects from `node` to one address and port until close(), which returns (tried, successes).

  A success is (time of the SYN, time at which it was noticed), in time.monotonic().
  """

  def __init__(self, node, address, port):
    self._node = node
    self._target = (address, port)
    self._closing = threading.Event()
    self._tried = 0
    self._successes = []
    self._thread = threading.Thread(target=node.inside, args=(self._try,))
    self._thread.start()

  def _try(self):
    family = socket.AF_INET6 if ":" in self._target[0] else socket.AF_INET
    pending = {}
    while not self._closing.is_set():
      attempt = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
      begun = time.monotonic()
      attempt.connect_ex(self._target)
      self._tried += 1
      pending[attempt] = begun
      for done in select.select([], list(pending), [], 0)[1]:
        begun = pending.pop(done)
        if done.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
          self._successes.append((begun, time.monotonic()))
        done.close()
      now = time.monotonic()
      for old in [one for one, begun in pending.items() if now - begun > _GIVE_UP]:
        del pending[old]
        old.close()
      time.sleep(_PAUSE)

  def close(self):
    self._closing.set()
    self._thread.join()
    return self._tried, self._successes
