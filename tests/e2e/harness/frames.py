# SPDX-License-Identifier: Apache-2.0
"""Frames of HTTP/2 (RFC 9113), made by hand."""

import struct

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING = 0, 1, 2, 3, 4, 6
WINDOW_UPDATE, CONTINUATION = 8, 9
INITIAL_WINDOW_SIZE = 4  # a setting
ACK = END_STREAM = 1
END_HEADERS = 4

HELLO = b"\x0a\0"  # AgentMessage.hello

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
  return (struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) +
          payload)


def literal(name, value):
  return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def request(method):
  """The block of headers of a call."""
  return b"".join(literal(*pair) for pair in (
      (":method", "POST"), (":scheme", "https"), (":path", method),
      (":authority", "controller.firebreak"), ("content-type", "application/grpc"),
      ("te", "trailers")))


def message(data):
  """A message of gRPC."""
  return b"\0" + struct.pack(">I", len(data)) + data


def call(stream, method, data):
  """The beginning of a call, with its first message."""
  return (frame(HEADERS, END_HEADERS, stream, request(method)) +
          frame(DATA, 0, stream, message(data)))


class Windows:
  """How much a client may send on its first call, by what the server has said."""

  def __init__(self):
    self._received = b""
    self._initial = self._connection = self._call = 65_535

  def room(self):
    return min(self._connection, self._call)

  def spend(self, size):
    self._connection -= size
    self._call -= size

  def take(self, data):
    """Takes the next bytes from the server, and returns what is to be answered.

    ConnectionError: the server has ended the connection, or the call.
    """
    if not data:
      raise ConnectionError("the server has ended the connection")
    self._received += data
    answer = b""
    while len(self._received) >= 9:
      length = int.from_bytes(self._received[:3], "big")
      if len(self._received) < 9 + length:
        break
      kind, flags, stream = struct.unpack(">BBI", self._received[3:9])
      answer += self._take_frame(kind, flags, stream, self._received[9:9 + length])
      self._received = self._received[9 + length:]
    return answer

  def _take_frame(self, kind, flags, stream, payload):
    if kind == RST_STREAM:
      raise ConnectionError("the server has ended the call")
    if kind == WINDOW_UPDATE:
      more = int.from_bytes(payload, "big")
      if stream:
        self._call += more
      else:
        self._connection += more
    elif kind == SETTINGS and not flags & ACK:
      for name, value in struct.iter_unpack(">HI", payload):
        if name == INITIAL_WINDOW_SIZE:
          self._call += value - self._initial
          self._initial = value
      return frame(SETTINGS, ACK, 0)
    return b""
