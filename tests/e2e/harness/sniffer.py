"""Which packets of a kind arrive at a node's interface."""

import select
import socket
import struct
import time

_ETH_P_ALL = 3
_SETTLE = 0.3  # the wire is a veth: what has not come by then does not


def sources(node, interface, send):
  """Calls `send` and returns the sources of the IP packets that then arrive: {address}."""

  def watch():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as wire:
      wire.bind((interface, 0))
      send()
      seen = set()
      deadline = time.monotonic() + _SETTLE
      while (left := deadline - time.monotonic()) > 0:
        if select.select([wire], [], [], left)[0]:
          data, address = wire.recvfrom(65536)
          if address[2] != socket.PACKET_OUTGOING:
            seen.add(_source(data))
      return seen - {None}

  return node.inside(watch)


def _source(frame):
  kind, = struct.unpack_from("!H", frame, 12)
  if kind == 0x0800:
    return socket.inet_ntop(socket.AF_INET, frame[26:30])
  if kind == 0x86DD:
    return socket.inet_ntop(socket.AF_INET6, frame[22:38])
  return None
