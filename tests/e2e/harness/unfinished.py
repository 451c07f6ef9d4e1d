# SPDX-License-Identifier: Apache-2.0
"""Sends long requests that never end, in HTTP/2 frames made by hand."""

import select
import socket
import ssl
import struct
import time

from harness import frames

_ANNOUNCED = 16 << 20
_QUIET = 1.0  # seconds without progress after which the server is taken to read no more


class Unfinished:
  """A connection with `calls` calls of `method`; each sends up to `size` bytes of its request."""

  def __init__(self, address, method, calls, size, certificate=None, key=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if certificate:
      context.load_cert_chain(certificate, key)
    self._socket = context.wrap_socket(socket.create_connection(address))
    self._received = b""
    self._initial = 65535
    streams = range(1, 2 * calls, 2)
    self._windows = {0: self._initial, **{stream: self._initial for stream in streams}}
    headers = frames.request(method)
    self._socket.sendall(frames.PREFACE + frames.frame(frames.SETTINGS, 0, 0) + b"".join(
        frames.frame(frames.HEADERS, frames.END_HEADERS, stream, headers) for stream in streams))
    self._sent = dict.fromkeys(streams, 0)
    self._send(size)

  def close(self):
    self._socket.close()

  def _send(self, size):
    moved = time.monotonic()
    while time.monotonic() - moved < _QUIET and min(self._sent.values()) < size:
      self._receive()
      for stream, sent in self._sent.items():
        length = min(self._windows[stream], self._windows[0], 16384, size - sent)
        if length <= 5:
          continue
        begin = b"" if sent else b"\0" + struct.pack(">I", _ANNOUNCED)
        self._socket.sendall(frames.frame(frames.DATA, 0, stream, begin.ljust(length, b"\0")))
        self._sent[stream] += length
        self._windows[stream] -= length
        self._windows[0] -= length
        moved = time.monotonic()

  def _receive(self):
    while self._socket.pending() or select.select([self._socket], [], [], 0.01)[0]:
      data = self._socket.recv(65536)
      if not data:
        raise ConnectionError("the controller has ended the connection")
      self._received += data
      self._take_frames()

  def _take_frames(self):
    while len(self._received) >= 9:
      length = int.from_bytes(self._received[:3], "big")
      kind, flags = self._received[3], self._received[4]
      stream = int.from_bytes(self._received[5:9], "big")
      if len(self._received) < 9 + length:
        return
      payload = self._received[9:9 + length]
      self._received = self._received[9 + length:]
      if kind == frames.WINDOW_UPDATE and stream in self._windows:
        self._windows[stream] += int.from_bytes(payload, "big")
      elif kind == frames.SETTINGS and not flags & frames.ACK:
        for identifier, value in struct.iter_unpack(">HI", payload):
          if identifier == frames.INITIAL_WINDOW_SIZE:
            for one in self._sent:
              self._windows[one] += value - self._initial
            self._initial = value
        self._socket.sendall(frames.frame(frames.SETTINGS, frames.ACK, 0))
      elif kind == frames.PING and not flags & frames.ACK:
        self._socket.sendall(frames.frame(frames.PING, frames.ACK, 0, payload))
