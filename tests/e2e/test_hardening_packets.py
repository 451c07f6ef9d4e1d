# SPDX-License-Identifier: Apache-2.0
"""Packets that do something without a setting of `hardening`, and no longer do with it."""

import itertools
import socket
import struct

from harness import hardened
from harness import policies
from harness import process
from harness import stack

_EVERYBODY = b"\xff" * 6
_BEHIND_SECOND = "198.51.100.7"
_NOWHERE = "203.0.113.9"
_IPV4, _IPV6, _UDP = 0x0800, 0x86DD, 17
_ON = 'firewall: "on"\nicmp: [address-mask-request, echo-request, redirect]\n'


class Packets(hardened.HardenedCase):

  def to_host(self, source, options=b"", data=b"wanted", port=9, target=None):
    target = target or (self.host.ipv6() if ":" in source else self.host.ipv4())
    datagram = stack.udp(source, target, 5000, port, data)
    if ":" in source:
      return stack.ipv6(source, target, _UDP, datagram)
    return stack.ipv4(source, target, _UDP, datagram, options)

  # --- Ways that a sender chooses

  @hardened.shows("disable_ip_source_routing")
  def test_source_routes(self):
    def packet(option, before=b""):
      # Its way is at its end: the pointer is behind the list.
      options = before + bytes([option, 7, 8]) + socket.inet_aton(self.host.ipv4())
      return self.to_host(self.peer.ipv4(), options + b"\1" * (-len(options) % 4))

    for value, taken in ((0, True), (1, False), (2, False)):
      self.apply(disable_ip_source_routing=value)
      for option, before in ((131, b""), (137, b""), (131, b"\1\1")):
        with self.subTest(option=option, before=before, value=value):
          self.assertEqual(self.reaches_socket(packet(option, before)), taken)

  @hardened.shows("disable_ip_source_routing")
  def test_routing_headers(self):
    datagram = stack.udp(self.peer.ipv6(), self.host.ipv6(), 5000, 9, b"wanted")
    # At its end too, as the kernel takes it.
    packet = stack.ipv6(self.peer.ipv6(), self.host.ipv6(), 43,
                        struct.pack("!BBBBI", _UDP, 0, 0, 0, 0) + datagram)
    self.compare("disable_ip_source_routing", lambda: self.reaches_socket(packet), 1, 2)

  # --- Senders and receivers that cannot be

  @hardened.shows("rp_filter")
  def test_senders_that_could_not_be_answered(self):
    self.second_link()
    self.ip("route add 198.51.100.0/24 dev second0")
    other_way = self.to_host(_BEHIND_SECOND)
    self.compare("rp_filter", lambda: self.reaches_socket(other_way), 2, 1)
    no_way = self.to_host(_NOWHERE)
    self.compare("rp_filter", lambda: self.reaches_socket(no_way), 0, 2)

  @hardened.shows("accept_local")
  def test_senders_that_are_the_host(self):
    packet = self.to_host(self.host.ipv4())
    self.compare("accept_local", lambda: self.reaches_socket(packet), 1, 0, rp_filter=0)

  @hardened.shows("route_localnet")
  def test_loopback_from_outside(self):
    packet = self.to_host(self.peer.ipv4(), target="127.0.0.1")
    self.compare("route_localnet", lambda: self.reaches_socket(packet, address="127.0.0.1"), 1, 0)

  @hardened.shows("drop_unicast_in_l2_multicast")
  def test_packets_to_one_in_frames_to_all(self):
    for source in self.peer.addresses():
      packet = self.to_host(source)
      self.compare("drop_unicast_in_l2_multicast",
                   lambda packet=packet: self.reaches_socket(packet, target=_EVERYBODY), 0, 1)

  @hardened.shows("log_martians")
  def test_impossible_senders_are_in_the_kernels_log(self):
    numbers = itertools.count(1)

    def logged(wanted):
      # The kernel leaves lines out when there are many: the next one is as good.
      def told():
        source = f"127.9.9.{next(numbers) % 250 + 1}"
        with stack.KernelLog() as log:
          self.reaches_socket(self.to_host(source))
          return log.has(f"martian source {self.host.ipv4()} from {source}")

      if wanted:
        process.wait_until(told, "the kernel's log tells")
        return True
      return any(told() for _ in range(3))

    for value in (1, 0):
      self.apply(log_martians=value)
      self.assertEqual(logged(value == 1), value == 1)

  @hardened.shows("icmp_ignore_bogus_error_responses")
  def test_errors_about_broadcasts_are_not_in_the_kernels_log(self):
    broadcast = self.host.ipv4().rsplit(".", 1)[0] + ".255"

    def told():
      about = stack.ipv4(self.host.ipv4(), broadcast, _UDP,
                         stack.udp(self.host.ipv4(), broadcast, 5, 6, b""))
      error = stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 1,
                         stack.icmp(3, 1, b"\0\0\0\0" + about))
      with stack.KernelLog() as log:
        self.answers([(self.mac, _IPV4, error)], lambda _: False)
        return log.has(f"{self.peer.ipv4()} sent an invalid ICMP type 3")

    self.apply(icmp_ignore_bogus_error_responses=0)
    process.wait_until(told, "the kernel's log tells")
    self.apply(icmp_ignore_bogus_error_responses=1)
    self.assertFalse(any(told() for _ in range(3)))

  # --- Questions that are not answered

  @hardened.shows("icmp_echo_ignore_broadcasts")
  def test_pings_to_everybody(self):
    broadcast = self.host.ipv4().rsplit(".", 1)[0] + ".255"
    ping = stack.ipv4(self.peer.ipv4(), broadcast, 1,
                      stack.icmp(8, 0, struct.pack("!HH", 7, 1) + b"all"))
    self.compare(
        "icmp_echo_ignore_broadcasts",
        lambda: self.answers([(_EVERYBODY, _IPV4, ping)], lambda packet: packet[20:21] == b"\0" and
                             packet.endswith(b"all")), 0, 1)

  @hardened.shows("icmpv6_echo_ignore_multicast")
  def test_pings_to_all_nodes(self):
    source = self.peer.ipv6()
    own = socket.inet_pton(socket.AF_INET6, self.host.ipv6())
    ping = stack.icmpv6(source, "ff02::1", 128, struct.pack("!HH", 7, 1) + b"all")
    frame = (bytes.fromhex("333300000001"), _IPV6, ping)
    self.compare(
        "icmpv6_echo_ignore_multicast",
        lambda: self.answers([frame], lambda packet: packet[8:24] == own and
                             packet[40:41] == b"\x81" and packet.endswith(b"all")), 0, 1)

  @hardened.shows("icmp_echo_enable_probe")
  def test_questions_for_interfaces(self):
    # RFC 8335, 2.1: by name, of the host itself.
    name = b"eth0\0\0\0\0"
    extension = struct.pack("!BBH", 0x20, 0, 0) + struct.pack("!HBB", 4 + len(name), 3, 1) + name
    extension = extension[:2] + struct.pack("!H", stack.checksum(extension)) + extension[4:]
    probe = stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 1,
                       stack.icmp(42, 0, struct.pack("!HBB", 7, 1, 1) + extension))
    self.compare(
        "icmp_echo_enable_probe",
        lambda: self.answers([(self.mac, _IPV4, probe)], lambda packet: packet[9:10] == b"\x01" and
                             packet[20:21] == b"\x2b"), 1, 0)

  @hardened.shows("enable_addr_mask_reply")
  def test_masks_are_neither_asked_nor_told(self):
    request = stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 1,
                         stack.icmp(17, 0, struct.pack("!HHI", 1, 1, 0)))
    ping = stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 1,
                      stack.icmp(8, 0, struct.pack("!HH", 1, 1) + b"marker"))
    raw = lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)

    def asked():
      with self.host.inside(raw) as listener:
        listener.settimeout(process.PATIENCE)
        stack.send(self.peer, self.mac, [request, ping])
        while (data := listener.recv(2048))[20] != 17:
          if data.endswith(b"marker"):
            return False
        return True

    def told():
      def tell():
        with raw() as out:
          try:
            out.sendto(stack.icmp(18, 0, struct.pack("!HHI", 1, 1, 0xffffff00)),
                       (self.peer.ipv4(), 0))
          except PermissionError:
            pass  # so a program learns that the rules drop it

      with stack.Wire(self.peer) as wire:
        self.host.inside(tell)
        self.host.run("ping", "-c1", "-W5", self.peer.ipv4())
        packets = wire.until(lambda packet: packet[9:10] == b"\x01" and packet[20:21] == b"\x08")
      return any(packet[9:10] == b"\x01" and packet[20:21] == b"\x12" for packet in packets)

    # With a firewall that lets them in.
    self.compare("enable_addr_mask_reply", asked, 1, 0, body=_ON)
    self.compare("enable_addr_mask_reply", told, 1, 0)

  @hardened.shows("no_name_release_on_demand")
  def test_name_releases(self):
    def packet(opcode, source):
      data = struct.pack("!HHHHHH", 7, opcode << 11, 1, 0, 0, 1) + b"wanted"
      return self.to_host(source, data=data, port=137)

    body = _ON + policies.opened("udp/137", "udp/138")
    for source in self.peer.addresses():
      self.compare("no_name_release_on_demand",
                   lambda source=source: self.reaches_socket(packet(6, source), port=137), 0, 1,
                   body=body)
      self.assertTrue(self.reaches_socket(packet(0, source), port=137), "a question for a name")


class Ways(hardened.HardenedCase):
  """Who may tell the host its ways, and what it carries for others."""

  @hardened.shows("enable_icmp_redirect")
  def test_redirects_are_not_believed(self):
    gateway, other = self.peer.ipv4(), self.fleet.controller_node.ipv4()
    self.ip(f"route add 198.51.100.0/24 via {gateway}")
    far = (f"198.51.100.{number}" for number in itertools.count(8))

    def diverted():
      target = next(far)
      # The kernel heeds one about a packet that a socket has sent.
      with self.host.inside(lambda: _sent_to(self.host.ipv4(), target)) as sender:
        port = sender.getsockname()[1]
        sent = stack.ipv4(self.host.ipv4(), target, _UDP,
                          struct.pack("!HHHH", port, 7777, 9, 0) + b"x")
        self.answers([(self.mac, _IPV4, stack.ipv4(gateway, self.host.ipv4(), 1, stack.icmp(
            5, 1, socket.inet_aton(other) + sent[:28])))], lambda _: False)
      return f"via {other} " in self.host.run("ip", "route", "get", target).stdout

    self.compare("enable_icmp_redirect", diverted, 1, 0)

  @hardened.shows("enable_icmp_redirect")
  def test_redirects_of_ipv6_are_not_believed(self):
    gateway = _link_local(self.peer)
    better = _link_local(self.fleet.controller_node)
    own_link = _link_local(self.host)
    self.ip(f"-6 route add 2001:db8:99::/64 via {gateway} dev eth0")
    far = (f"2001:db8:99::{number:x}" for number in itertools.count(8))

    def diverted():
      target = next(far)
      # RFC 4861, 4.5: the way and the target.
      redirect = stack.icmpv6(gateway, own_link, 137, b"\0\0\0\0" + b"".join(
          socket.inet_pton(socket.AF_INET6, one) for one in (better, target)))
      self.answers([(self.mac, _IPV6, redirect)], lambda _: False)
      return f"via {better} " in self.host.run("ip", "-6", "route", "get", target).stdout

    self.compare("enable_icmp_redirect", diverted, 1, 0)

  @hardened.shows("enable_icmp_redirect")
  def test_redirects_are_not_sent(self):
    """The host is asked to carry a packet to a neighbour that the sender could reach itself."""
    neighbour = self.fleet.controller_node
    for address, kind in zip(self.peer.addresses(), (b"\x05", b"\x89")):
      ipv6 = ":" in address
      target = neighbour.ipv6() if ipv6 else neighbour.ipv4()
      self.host.run("ping", "-c1", "-W5", target)
      build = stack.ipv6 if ipv6 else stack.ipv4
      packet = build(address, target, _UDP, stack.udp(address, target, 5000, 9, b"x"))

      def told(packet=packet, kind=kind, ipv6=ipv6):
        # The kernel sends one for each sender at first, and then fewer and fewer.
        self.host.run("ip", "route", "flush", "cache")
        return self.answers(
            [(self.mac, _IPV6 if ipv6 else _IPV4, packet)],
            lambda one: one[40:41] == kind and one[6:7] == b"\x3a" if ipv6 else
            one[9:10] == b"\x01" and one[20:21] == kind)

      with self.subTest(address=address):
        self.apply(ip_enable_router=1, enable_icmp_redirect=0)
        self.assertFalse(told())
        self.apply(ip_enable_router=1, enable_icmp_redirect=1)
        process.wait_until(told, "the sender is told")

  @hardened.shows("ip_enable_router")
  def test_nothing_is_carried_for_others(self):
    neighbour = self.fleet.controller_node
    for source in self.peer.addresses():
      ipv6 = ":" in source
      target = neighbour.ipv6() if ipv6 else neighbour.ipv4()
      self.host.run("ping", "-c1", "-W5", target)
      build = stack.ipv6 if ipv6 else stack.ipv4
      packet = build(source, target, _UDP, stack.udp(source, target, 5000, 9, b"carried"))

      def carried(packet=packet):
        with stack.Wire(neighbour) as wire:
          self.answers([(self.mac, _IPV6 if ipv6 else _IPV4, packet)], lambda _: False)
          # What was sent on in front of it has come by now.
          self.host.run("ping", "-c1", "-W5", "-p", "77", neighbour.ipv4())
          packets = wire.until(lambda one: one[9:10] == b"\x01" and one.endswith(b"w" * 8))
        return any(one.endswith(b"carried") for one in packets)

      self.compare("ip_enable_router", carried, 1, 0)

  @hardened.shows("enable_multicast_forwarding")
  def test_multicast_is_not_carried_to_another_network(self):
    self.second_link()
    self.host.run("ip", "address", "add", "192.0.2.1/24", "dev", "second0")
    group, source = "239.1.2.3", self.peer.ipv4()
    packet = stack.ipv4(source, group, _UDP, stack.udp(source, group, 5000, 9, b"carried"))
    frame = (bytes.fromhex("01005e010203"), _IPV4, packet)
    last = self.to_second(b"last")
    self.apply(ip_enable_router=1, enable_multicast_forwarding=1)
    with self.host.inside(lambda: _multicast_router(self.host.ipv4(), "192.0.2.1", source, group)):

      def carried():
        with stack.Wire(self.host, "second0-end") as wire:
          stack.send_frames(self.peer, [frame, (self.mac, _IPV4, last)])
          packets = wire.until(lambda one: one.endswith(b"last"))
        return any(one.endswith(b"carried") for one in packets)

      self.compare("enable_multicast_forwarding", carried, 1, 0, ip_enable_router=1)

  def to_second(self, data):
    """A packet that is carried on to the second link."""
    self.host.run("ip", "neighbour", "replace", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev",
                  "second0", "nud", "permanent")
    return stack.ipv4(self.peer.ipv4(), "192.0.2.9", _UDP,
                      stack.udp(self.peer.ipv4(), "192.0.2.9", 5000, 9, data), b"")

  @hardened.shows("accept_router_advertisements")
  def test_routers_are_not_believed(self):
    router = _link_local(self.peer)

    def believed():
      # RFC 4861, 4.2: for 100 s.
      said = stack.icmpv6(router, "ff02::1", 134, struct.pack("!BBHII", 64, 0, 100, 0, 0))
      self.answers([(bytes.fromhex("333300000001"), _IPV6, said)], lambda _: False)
      routes = self.host.run("ip", "-6", "route", "show", "default").stdout
      self.host.run("ip", "-6", "route", "flush", "default", check=False)
      return f"via {router} " in routes

    self.compare("accept_router_advertisements", believed, 1, 0)
    self.compare("accept_router_advertisements", believed, 2, 1, ip_enable_router=1)

  @hardened.shows("enable_dead_gw_detect")
  def test_a_gateway_whose_link_dies(self):
    self.host.run("ip", "link", "add", "gone0", "type", "veth", "peer", "name", "gone1")
    self.addCleanup(self.host.run, "ip", "link", "delete", "gone0")
    for line in ("link set gone0 up", "link set gone1 up", "address add 192.0.2.1/24 dev gone0",
                 "address add 2001:db8:2::1/64 dev gone0 nodad"):
      self.host.run("ip", *line.split())
    self.ip("route add 203.0.113.0/24 via 192.0.2.2 metric 1",
            f"route add 203.0.113.0/24 via {self.peer.ipv4()} metric 2",
            "-6 route add 2001:db8:99::/64 via 2001:db8:2::2 metric 1",
            f"-6 route add 2001:db8:99::/64 via {self.peer.ipv6()} metric 2")
    self.host.run("ip", "link", "set", "gone1", "down")
    for address in ("203.0.113.1", "2001:db8:99::1"):
      way = lambda address=address: self.host.run("ip", "route", "get", address).stdout
      with self.subTest(address=address):
        self.apply(enable_dead_gw_detect=1)
        process.wait_until(lambda: "dev eth0" in way(), "the other gateway is taken")
        self.apply(enable_dead_gw_detect=0)
        process.wait_until(lambda: "gone0" in way(), "the gateway stays")

  @hardened.shows("enable_dead_gw_detect")
  def test_a_gateway_of_several_that_does_not_answer(self):
    alive, dead = self.peer.ipv4(), "10.77.0.95"
    self.ip(f"route add 203.0.113.0/24 nexthop via {alive} nexthop via {dead}")
    self.host.run("ip", "neighbour", "replace", dead, "dev", "eth0", "nud", "failed")
    self.addCleanup(self.host.run, "ip", "neighbour", "delete", dead, "dev", "eth0", check=False)

    def taken():
      return any(f"via {dead} " in self.host.run("ip", "route", "get", f"203.0.113.{i}").stdout
                 for i in range(1, 40))

    self.apply(enable_dead_gw_detect=0)
    self.assertTrue(taken())
    self.apply(enable_dead_gw_detect=1)
    self.assertFalse(taken())


def _sent_to(source, target):
  sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  sender.bind((source, 0))
  sender.connect((target, 7777))
  sender.send(b"x")
  return sender


def _link_local(node):
  text = node.run("ip", "-6", "address", "show", "dev", "eth0", "scope", "link").stdout
  return text.split("inet6 ")[1].split("/")[0]


def _multicast_router(inside, outside, source, group):
  """A socket that makes the kernel carry the group from one interface to the other: ip_mroute.h."""
  init, add_vif, add_mfc = 200, 202, 204
  router = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
  router.setsockopt(socket.IPPROTO_IP, init, 1)
  for number, address in enumerate((inside, outside)):
    router.setsockopt(socket.IPPROTO_IP, add_vif, struct.pack(
        "HBBI4s4s", number, 0, 1, 0, socket.inet_aton(address), bytes(4)))
  router.setsockopt(socket.IPPROTO_IP, add_mfc, struct.pack(
      "4s4sH32B2xIIIi", socket.inet_aton(source), socket.inet_aton(group), 0, 255, 1, *[255] * 30,
      0, 0, 0, 0))
  return router
