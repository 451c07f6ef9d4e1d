# SPDX-License-Identifier: Apache-2.0
"""Notes when transactions of nf_tables were committed in a node."""

import socket
import struct
import threading
import time

_NETLINK_NETFILTER = 12
_NEWGEN = 10 << 8 | 15  # NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWGEN
_GETGEN = 10 << 8 | 16
_REQUEST = struct.pack("=IHHIIBBH", 20, _GETGEN, 1, 1, 0, 0, 0, 0)
_PAUSE = 0.0003


class Generations:
  """Polls the generation until it is closed; heard() lists (time.monotonic(), generation).

  It does not listen to events, because the kernel makes them only if somebody listens, and then
  takes ten times as long for a transaction with ten thousand elements.
  """

  def __init__(self, node):
    self._socket = node.inside(
        lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER))
    self._heard = [(time.monotonic(), self.now())]
    self._closing = threading.Event()
    self._thread = threading.Thread(target=self._watch)
    self._thread.start()

  def now(self):
    self._socket.sendto(_REQUEST, (0, 0))
    answer = self._socket.recv(4096)
    assert struct.unpack_from("=H", answer, 4)[0] == _NEWGEN, answer
    return struct.unpack_from(">I", answer, 24)[0]  # NFTA_GEN_ID comes first

  def _watch(self):
    while not self._closing.is_set():
      generation = self.now()
      if generation != self._heard[-1][1]:
        self._heard.append((time.monotonic(), generation))
      time.sleep(_PAUSE)

  def heard(self):
    return list(self._heard)

  def close(self):
    self._closing.set()
    self._thread.join()
    self._socket.close()
