# SPDX-License-Identifier: Apache-2.0
"""Packets with a source that is not the host's own do not leave the host."""

import ipaddress
import socket
import struct

from harness import case
from harness import policies
from harness import sniffer

_FORGED = "192.0.2.66"
_FORGED6 = "2001:db8:66::1"
_TCP, _UDP, _ICMP, _GRE, _ICMP6 = 6, 17, 1, 47, 58
_PAYLOAD = {
    _TCP: struct.pack("!HHIIBBHHH", 4000, 80, 1, 0, 5 << 4, 2, 1024, 0, 0),
    _UDP: struct.pack("!HHHH", 4000, 53, 8, 0),
    _ICMP: struct.pack("!BBHHH", 8, 0, 0xf7ff, 0, 0),
    _GRE: struct.pack("!HH", 0, 0x0800),
    _ICMP6: struct.pack("!BBHHH", 128, 0, 0, 0, 0),
}


def _packet(protocol, source, destination):
  payload = _PAYLOAD[protocol]
  if ":" in source:
    return (struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) +
            socket.inet_pton(socket.AF_INET6, source) +
            socket.inet_pton(socket.AF_INET6, destination) + payload)
  header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(destination))
  total = sum(struct.unpack("!10H", header))
  total = (total & 0xffff) + (total >> 16)
  return header[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + header[12:] + payload


class Spoofing(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"].node
    cls.mac = cls.fleet.outsider.run("cat", "/sys/class/net/eth0/address").stdout.strip()
    # The neighbours are resolved first, so that a permitted packet leaves at once.
    cls.host.run("ping", "-c1", "-W1", cls.fleet.outsider.ipv4())
    cls.host.run("ping", "-c1", "-W1", cls.fleet.outsider.ipv6())
    for source in (_FORGED, _FORGED6):
      for send in (cls.raw, cls.frame):
        assert source in cls.arriving(send, _UDP, source), "without a policy it leaves"
    cls.fleet.apply(policies.policy("subject", "all", "firewall: on"))

  @classmethod
  def raw(cls, protocol, source):
    """Sends through a raw socket (IP_HDRINCL)."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    target = cls.fleet.outsider.addresses()[family == socket.AF_INET6]

    def send():
      with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        out.sendto(_packet(protocol, source, target), (target, 0))

    try:
      cls.host.inside(send)
    except PermissionError:
      pass  # the packet was dropped, and the kernel told the sender

  @classmethod
  def frame(cls, protocol, source):
    """Sends through a packet socket (AF_PACKET)."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    target = cls.fleet.outsider.addresses()[family == socket.AF_INET6]
    kind = 0x86DD if family == socket.AF_INET6 else 0x0800

    def send():
      with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind(("eth0", 0))
        own = out.getsockname()[4]
        out.send(bytes.fromhex(cls.mac.replace(":", "")) + own + struct.pack("!H", kind) +
                 _packet(protocol, source, target))

    try:
      cls.host.inside(send)
    except OSError:
      pass  # the packet was dropped, and the kernel told the sender

  @classmethod
  def arriving(cls, send, protocol, source):
    return sniffer.sources(cls.fleet.outsider, "eth0", lambda: send(protocol, source))

  def check(self, send):
    for protocol in (_TCP, _UDP, _ICMP, _GRE):
      with self.subTest(protocol=protocol):
        self.assertNotIn(_FORGED, self.arriving(send, protocol, _FORGED))
        self.assertIn(self.host.ipv4(), self.arriving(send, protocol, self.host.ipv4()))
    for protocol in (_TCP, _UDP, _ICMP6, _GRE):
      with self.subTest(protocol=protocol, family=6):
        self.assertNotIn(_FORGED6, self.arriving(send, protocol, _FORGED6))
        own = str(ipaddress.ip_address(self.host.ipv6()))
        self.assertIn(own, self.arriving(send, protocol, own))

  def test_raw_sockets(self):
    self.check(self.raw)

  def test_packet_sockets(self):
    self.check(self.frame)

  def send_frame(self, frame, claimed):
    """Sends `frame` behind the two MAC addresses, by a socket that declares the type `claimed`."""

    def send():
      with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind(("eth0", 0))
        own = out.getsockname()[4]
        try:
          out.sendto(bytes.fromhex(self.mac.replace(":", "")) + own + frame, ("eth0", claimed))
        except OSError:
          pass  # the packet was dropped, and the kernel told the sender

    return lambda: self.host.inside(send)

  def test_a_tag_or_another_header_around_it_hides_nothing(self):
    """The peer removes the tag of VLAN 0 and reads the packet inside."""
    headers = {
        "802.1Q": struct.pack("!HH", 0x8100, 0),
        "802.1Q with a priority": struct.pack("!HH", 0x8100, 0xe000),
        "802.1ad": struct.pack("!HH", 0x88a8, 0),
        "two tags": struct.pack("!HHHH", 0x88a8, 0, 0x8100, 0),
    }
    for source, kind in ((_FORGED, 0x0800), (_FORGED6, 0x86DD)):
      target = self.fleet.outsider.addresses()[kind == 0x86DD]
      packet = struct.pack("!H", kind) + _packet(_UDP, source, target)
      for name, header in headers.items():
        for claimed in (0, kind, 0x8100, 0x88b5):
          with self.subTest(name, source=source, claimed=hex(claimed)):
            self.assertNotIn(source, sniffer.sources(
                self.fleet.outsider, "eth0", self.send_frame(header + packet, claimed)))

  def test_no_other_header_hides_a_forged_source_either(self):
    """What receivers, or switches on the way, read in spite of what stands in front of it."""
    snap = b"\xaa\xaa\x03\0\0\0"  # IEEE 802.2 with RFC 1042's header
    label = struct.pack("!I", 16 << 12 | 1 << 8 | 64)
    for source, kind in ((_FORGED, 0x0800), (_FORGED6, 0x86DD)):
      target = self.fleet.outsider.addresses()[kind == 0x86DD]
      packet = _packet(_UDP, source, target)
      behind_snap = snap + struct.pack("!H", kind) + packet
      frames = {
          "MPLS": struct.pack("!H", 0x8847) + label + packet,
          "MPLS multicast": struct.pack("!H", 0x8848) + label + packet,
          "802.2": struct.pack("!H", len(behind_snap)) + behind_snap,
          "an older tag around another": struct.pack("!HHHH", 0x9100, 0, 0x8100, 0) +
                                    struct.pack("!H", kind) + packet,
          "a tag around MPLS": struct.pack("!HHH", 0x8100, 0, 0x8847) + label + packet,
      }
      sends = [self.send_frame(frame, claimed)
               for frame in frames.values() for claimed in (0, kind, 0x88b5)]
      seen = sniffer.bytes_of_frames(
          self.fleet.outsider, "eth0", lambda all=sends: [send() for send in all])
      self.assertEqual([one.hex() for one in seen if packet in one], [])

  def test_a_tag_may_be_around_anything_else(self):
    kind = 0x88b5  # an experimental EtherType (IEEE 802, 9.2)
    for frame in (struct.pack("!H", kind), struct.pack("!HHH", 0x8100, 0, kind)):
      seen = sniffer.kinds(self.fleet.outsider, "eth0", self.send_frame(frame + bytes(46), 0))
      self.assertIn(kind, seen)

  def test_addresses_of_loopback_stay_here(self):
    for send in (self.raw, self.frame):
      for source in ("127.0.0.1", "127.1.2.3", "::1"):
        with self.subTest(send.__name__, source=source):
          self.assertNotIn(source, self.arriving(send, _UDP, source))

  def test_hping3(self):
    target = self.fleet.outsider.ipv4()

    def flood(*arguments):
      return lambda: self.host.run("hping3", "-c", "3", "-i", "u2000", *arguments, target,
                                   check=False, timeout=20)

    for kind in (["-S", "-p", "80"], ["--udp", "-p", "53"], ["--icmp"], ["-F", "-p", "80"]):
      with self.subTest(" ".join(kind)):
        self.assertNotIn(_FORGED, sniffer.sources(
            self.fleet.outsider, "eth0", flood("-a", _FORGED, *kind)))
    self.assertIn(self.host.ipv4(),
                  sniffer.sources(self.fleet.outsider, "eth0", flood("-S", "-p", "80")))
