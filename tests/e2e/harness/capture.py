# SPDX-License-Identifier: Apache-2.0
"""Reads back what tcpdump has captured."""

import ipaddress
import struct

from harness import process

_ETHERNET = 1


class Capture:
  """Runs tcpdump on a node's interface until packets() is called."""

  def __init__(self, fleet, node, expression, interface="eth0"):
    self._path = fleet.path(f"{node.name}.pcap")
    self._process = fleet.spawn("tcpdump", node.command(
        "tcpdump", "-i", interface, "-nn", "-U", "-s", "0", "--immediate-mode", "-B", "4096",
        "-Z", "root", "-w", self._path, expression))
    self._process.wait_for_line("listening on")

  def packets(self, count):
    """Waits for `count` IP packets; returns them as dictionaries keyed by the log's fields."""
    process.wait_until(lambda: len(_read(self._path)) >= count, f"{count} packets are seen")
    self._process.stop()
    return _read(self._path)


def _read(path):
  with open(path, "rb") as dump:
    data = dump.read()
  order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
  assert struct.unpack_from(order + "I", data, 20)[0] == _ETHERNET
  packets = []
  at = 24
  while at + 16 <= len(data):
    length = struct.unpack_from(order + "I", data, at + 8)[0]
    frame = data[at + 16:at + 16 + length]
    if len(frame) < length:
      break  # tcpdump is still writing this packet
    packets.append(_fields(frame[14:]))
    packets[-1]["seconds"] = struct.unpack_from(order + "I", data, at)[0]
    at += 16 + length
  return packets


def _fields(packet):
  """All values but the time, as in a line of the log: "-" if the packet has no such value."""
  if packet[0] >> 4 == 4:
    header, protocol = (packet[0] & 15) * 4, packet[9]
    size = struct.unpack_from(">H", packet, 2)[0]
    source, destination = packet[12:16], packet[16:20]
    first = struct.unpack_from(">H", packet, 6)[0] & 0x1fff == 0
  else:
    header, protocol, first = 40, packet[6], True
    size = 40 + struct.unpack_from(">H", packet, 4)[0]
    source, destination = packet[8:24], packet[24:40]
    if protocol == 44:
      first = struct.unpack_from(">H", packet, 42)[0] & 0xfff8 == 0
      protocol, header = packet[40], 48
  rest = packet[header:] if first else b""
  fields = dict.fromkeys(
      ("src-port", "dst-port", "tcpflags", "tcpsyn", "tcpack", "tcpwin", "icmptype", "icmpcode"),
      "-")
  fields.update({
      "protocol": {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}.get(protocol, str(protocol)),
      "src-ip": str(ipaddress.ip_address(source)), "dst-ip": str(ipaddress.ip_address(destination)),
      "size": str(size)})
  if protocol in (6, 17, 132) and len(rest) >= 4:
    fields["src-port"], fields["dst-port"] = map(str, struct.unpack_from(">HH", rest))
  if protocol == 6 and len(rest) >= 20:
    syn, ack, _, flags, window = struct.unpack_from(">IIBBH", rest, 4)
    letters = "".join(letter for bit, letter in enumerate("FSRPAU") if flags >> bit & 1)
    fields.update({"tcpflags": letters or "-", "tcpsyn": str(syn), "tcpack": str(ack),
                   "tcpwin": str(window)})
  if protocol in (1, 58) and len(rest) >= 2:
    fields["icmptype"], fields["icmpcode"] = str(rest[0]), str(rest[1])
  return fields
