# SPDX-License-Identifier: Apache-2.0
"""The kernel's settings of a node, and frames that no stack sends by itself."""

import os
import re
import socket
import struct

_VARY = re.compile(r"/(nf_conntrack_count|stable_secret|nf_log|random|rt_cache)")


def settings(node):
  """All below /proc/sys/net: their names and values."""

  def read():
    found = {}
    for folder, _, files in os.walk("/proc/sys/net"):
      for name in files:
        path = os.path.join(folder, name)
        if _VARY.search(path):
          continue
        try:
          with open(path, encoding="ascii") as file:
            found[path.removeprefix("/proc/sys/")] = file.read().strip()
        except OSError:
          continue
    return found

  return node.inside(read)


def get(node, name):

  def read():
    with open(f"/proc/sys/{name}", encoding="ascii") as file:
      return file.read().strip()

  return node.inside(read)


def put(node, name, value):
  def write():
    with open(f"/proc/sys/{name}", "w", encoding="ascii") as file:
      file.write(value)

  node.inside(write)


def mac(node, interface="eth0"):
  return bytes.fromhex(
      node.run("cat", f"/sys/class/net/{interface}/address").stdout.strip().replace(":", ""))


def checksum(data):
  if len(data) % 2:
    data += b"\0"
  total = sum(struct.unpack(f"!{len(data) // 2}H", data))
  while total >> 16:
    total = (total & 0xffff) + (total >> 16)
  return ~total & 0xffff


def ipv4(source, destination, protocol, payload, options=b""):
  words = 5 + len(options) // 4
  header = struct.pack("!BBHHHBBH4s4s", 4 << 4 | words, 0, words * 4 + len(payload), 7, 0, 64,
                       protocol, 0, socket.inet_aton(source), socket.inet_aton(destination))
  header += options
  return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ipv6(source, destination, protocol, payload):
  return (struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) +
          socket.inet_pton(socket.AF_INET6, source) +
          socket.inet_pton(socket.AF_INET6, destination) + payload)


def udp(source, destination, source_port, port, data):
  """With its checksum, which IPv6 insists on."""
  family = socket.AF_INET6 if ":" in source else socket.AF_INET
  length = 8 + len(data)
  pseudo = (socket.inet_pton(family, source) + socket.inet_pton(family, destination) +
            struct.pack("!IHBB" if family == socket.AF_INET6 else "!xBH", *(
                (length, 0, 0, 17) if family == socket.AF_INET6 else (17, length))))
  datagram = struct.pack("!HHHH", source_port, port, length, 0) + data
  return datagram[:6] + struct.pack("!H", checksum(pseudo + datagram)) + datagram[8:]


def icmp(kind, code, rest):
  message = struct.pack("!BBH", kind, code, 0) + rest
  return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def send(node, target_mac, packets, interface="eth0"):
  """Raw frames from `node`, as many as there are packets."""
  own = mac(node, interface)

  def body():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
      out.bind((interface, 0))
      for packet in packets:
        kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
        out.send(target_mac + own + struct.pack("!H", kind) + packet)

  node.inside(body)
