# SPDX-License-Identifier: Apache-2.0
"""Shows which packets of a kind arrive at a node's interface."""

import select
import socket
import struct
import time

_ETH_P_ALL = 3
_TAGS = (0x8100, 0x88A8)
_SETTLE = 0.3  # seconds; the wire is a veth, so a packet that has not arrived by then never will


def sources(node, interface, send):
  """Calls `send` and returns the sources of the IP packets that then arrive: {address}."""
  return {_source(frame) for frame in _frames(node, interface, send)} - {None}


def kinds(node, interface, send):
  """Calls `send` and returns the types of the frames that then arrive, without VLAN tags."""
  return {_untagged(frame)[0] for frame in _frames(node, interface, send)}


def bytes_of_frames(node, interface, send):
  """Calls `send` and returns the frames that then arrive, as they are."""
  return _frames(node, interface, send)


def _frames(node, interface, send):

  def watch():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as wire:
      wire.bind((interface, 0))
      send()
      seen = []
      deadline = time.monotonic() + _SETTLE
      while (left := deadline - time.monotonic()) > 0:
        if select.select([wire], [], [], left)[0]:
          data, address = wire.recvfrom(65536)
          if address[2] != socket.PACKET_OUTGOING:
            seen.append(data)
      return seen

  return node.inside(watch)


def _untagged(frame):
  """Returns (type, payload), without VLAN tags."""
  at = 12
  kind, = struct.unpack_from("!H", frame, at)
  while kind in _TAGS and len(frame) >= at + 6:
    at += 4
    kind, = struct.unpack_from("!H", frame, at)
  return kind, frame[at + 2:]


def _source(frame):
  kind, packet = _untagged(frame)
  if kind == 0x0800:
    return socket.inet_ntop(socket.AF_INET, packet[12:16])
  if kind == 0x86DD:
    return socket.inet_ntop(socket.AF_INET6, packet[8:24])
  return None
