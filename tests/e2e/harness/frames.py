# SPDX-License-Identifier: Apache-2.0
"""Frames of HTTP/2 (RFC 9113), made by hand."""

import struct

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING = 0, 1, 2, 3, 4, 6
WINDOW_UPDATE, CONTINUATION = 8, 9
ACK = END_STREAM = 1
END_HEADERS = 4

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
