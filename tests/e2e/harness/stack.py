# SPDX-License-Identifier: Apache-2.0
"""The kernel's settings of a node, and frames that no stack sends by itself."""

import os
import re
import socket
import struct
import time

from harness import process

_ETH_P_ALL = 3
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


def tcp(source, destination, ports, flags, seq=0, ack=0, options=b"", data=b""):
  """A segment with its checksum; `ports` are the sender's and the other's."""
  family = socket.AF_INET6 if ":" in source else socket.AF_INET
  segment = struct.pack("!HHIIBBHHH", *ports, seq, ack, (5 + len(options) // 4) << 4, flags, 64240,
                        0, 0) + options + data
  pseudo = (socket.inet_pton(family, source) + socket.inet_pton(family, destination) +
            struct.pack("!II", len(segment), 6))
  return segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]


def icmpv6(source, destination, kind, rest, hops=255):
  """A whole packet; neighbours believe only those that have come over no router."""
  message = struct.pack("!BBH", kind, 0, 0) + rest
  pseudo = (socket.inet_pton(socket.AF_INET6, source) +
            socket.inet_pton(socket.AF_INET6, destination) + struct.pack("!II", len(message), 58))
  message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
  packet = ipv6(source, destination, 58, message)
  return packet[:7] + bytes([hops]) + packet[8:]


def arp(operation, sender_mac, sender, target_mac, target):
  return (struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + sender_mac +
          socket.inet_aton(sender) + target_mac + socket.inet_aton(target))


def send(node, target_mac, packets, interface="eth0"):
  """Raw frames from `node`, as many as there are packets."""
  send_frames(node, [(target_mac, 0x86dd if packet[0] >> 4 == 6 else 0x0800, packet)
                     for packet in packets], interface)


def send_frames(node, frames, interface="eth0"):
  """Frames of (receiver's MAC address, type, payload)."""
  own = mac(node, interface)

  def body():
    # From one CPU, so that none overtakes another.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
      out.bind((interface, 0))
      for target, kind, payload in frames:
        out.send(target + own + struct.pack("!H", kind) + payload)

  node.inside(body)


class Wire:
  """What comes to a node's interface from now on."""

  def __init__(self, node, interface="eth0"):
    self._socket = node.inside(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                                     socket.htons(_ETH_P_ALL)))
    self._socket.bind((interface, 0))
    self._socket.settimeout(process.PATIENCE)

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self._socket.close()

  def until(self, is_last):
    """The packets that came, behind their Ethernet headers, to the first for which it holds."""
    packets = []
    deadline = time.monotonic() + process.PATIENCE
    while True:
      assert time.monotonic() < deadline, "what is waited for does not come"
      frame, address = self._socket.recvfrom(65536)
      if address[2] == socket.PACKET_OUTGOING:
        continue
      packets.append(frame[14:])
      if is_last(frame[14:]):
        return packets

  def now(self, is_wanted):
    """The next packet that has come already and for which it holds; None if there is none."""
    self._socket.setblocking(False)
    try:
      while True:
        frame, address = self._socket.recvfrom(65536)
        if address[2] != socket.PACKET_OUTGOING and is_wanted(frame[14:]):
          return frame[14:]
    except BlockingIOError:
      return None
    finally:
      self._socket.settimeout(process.PATIENCE)


class KernelLog:
  """The kernel's own log, of all namespaces, from now on."""

  def __enter__(self):
    self._file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    os.lseek(self._file, 0, os.SEEK_END)
    return self

  def __exit__(self, *_):
    os.close(self._file)

  def has(self, text):
    """Whether a line that has come since has the text in it."""
    while True:
      try:
        if text.encode() in os.read(self._file, 8192):
          return True
      except BlockingIOError:
        return False
      except BrokenPipeError:
        continue  # lines that were overwritten
