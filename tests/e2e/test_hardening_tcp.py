# SPDX-License-Identifier: Apache-2.0
"""What TCP, its queues and connection tracking do with a setting of `hardening`, and without."""

import errno
import os
import pathlib
import socket
import struct

from harness import hardened
from harness import policies
from harness import process
from harness import stack

_PORT = 8080
_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16
_TIMESTAMPS = b"\x01\x01\x08\x0a" + struct.pack("!II", 1, 0)
_TCP_INFO, _RETRANSMITS = 11, 2  # tcp_info.tcpi_retransmits
_ON = 'firewall: "on"\nicmp: [echo-request]\n'


class Segment:
  """A TCP segment of IPv4 that was seen."""

  def __init__(self, packet):
    self.payload_at = (packet[0] & 15) * 4
    fields = struct.unpack_from("!HHIIBB", packet, self.payload_at)
    self.source_port, self.port, self.seq, self.ack, offset, self.flags = fields
    self.size = struct.unpack_from("!H", packet, 2)[0]
    self.data = packet[self.payload_at + (offset >> 4) * 4:self.size]
    self.options = packet[self.payload_at + 20:self.payload_at + (offset >> 4) * 4]


def _segment(packet):
  return Segment(packet) if packet[0] >> 4 == 4 and packet[9] == 6 else None


class Tcp(hardened.HardenedCase):
  ALONE = True  # for a moment the kernel follows fewer flows, of all namespaces

  def syn(self, source, port, options=b"", seq=1000):
    return stack.ipv4(source, self.host.ipv4(), 6, stack.tcp(
        source, self.host.ipv4(), (port, _PORT), _SYN, seq, options=options))

  def listening(self, backlog=128):
    def listen():
      listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
      listener.bind((self.host.ipv4(), _PORT))
      listener.listen(backlog)
      return listener

    listener = self.host.inside(listen)
    self.addCleanup(listener.close)
    return listener

  def connected(self):
    """The host's end of a connection to the peer, and the peer's."""

    def listen():
      listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
      listener.bind((self.peer.ipv4(), 0))
      listener.listen(1)
      return listener

    with self.peer.inside(listen) as listener:
      here = self.host.inside(
          lambda: socket.create_connection(listener.getsockname()))
      there = listener.accept()[0]
    self.addCleanup(here.close)
    self.addCleanup(there.close)
    return here, there

  def sockets(self, state):
    return self.host.run("ss", "-Htan", "state", state).stdout.splitlines()

  def outgoing(self):
    """What the host sends to whomever."""
    return stack.Wire(self.fleet.network.switch, self.fleet.network.port(self.host))

  def unreachable(self, source):
    """An address that never answers, as nobody has it."""
    self.host.run("ip", "neighbour", "replace", source, "lladdr", "02:00:00:00:00:77", "dev",
                  "eth0", "nud", "permanent")
    self.addCleanup(self.host.run, "ip", "neighbour", "delete", source, "dev", "eth0", check=False)

  # --- Retransmissions and times

  @hardened.shows("tcp_max_connect_response_retransmissions")
  def test_a_syn_ack_is_sent_again_so_often(self):
    self.listening()
    source = "10.77.0.91"
    self.unreachable(source)
    for times in (0, 1):
      self.apply(tcp_max_connect_response_retransmissions=times)
      with self.subTest(times=times), self.outgoing() as wire:
        stack.send(self.peer, self.mac, [self.syn(source, 4000 + times)])
        process.wait_until(lambda: self.sockets("syn-recv"), "it is half open")
        # With the kernel's 5 it takes longer than is waited for.
        process.wait_until(lambda: not self.sockets("syn-recv"), "it is given up")
        self.host.run("ping", "-c1", "-W5", self.peer.ipv4())
        packets = wire.until(lambda one: one[9:10] == b"\x01" and one[20:21] in b"\x00\x08")
      answers = [one for one in map(_segment, packets) if one is not None and
                 one.flags & (_SYN | _ACK) == _SYN | _ACK and one.port == 4000 + times]
      self.assertEqual(len(answers), times + 1)

  @hardened.shows("tcp_max_data_retransmissions")
  def test_data_without_an_answer_ends_the_connection(self):
    self.apply(tcp_max_data_retransmissions=15)
    here, _ = self.connected()
    self.host.run("ip", "neighbour", "replace", self.peer.ipv4(), "lladdr", "02:00:00:00:00:77",
                  "dev", "eth0", "nud", "permanent")
    self.addCleanup(self.host.run, "ping", "-c1", "-W1", self.peer.ipv4(), check=False)
    self.addCleanup(self.host.run, "ip", "neighbour", "delete", self.peer.ipv4(), "dev", "eth0")
    here.send(b"x")
    sent_again = lambda: here.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 8)[_RETRANSMITS]
    error = lambda: here.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    process.wait_until(lambda: sent_again() > 2, "it is sent again more than twice")
    self.assertEqual(error(), 0)
    self.apply(tcp_max_data_retransmissions=2)
    self.assertEqual(process.wait_until(error, "the connection has ended"), errno.ETIMEDOUT)

  @hardened.shows("keep_alive_time")
  def test_an_idle_connection_is_probed(self):
    self.apply(keep_alive_time=1000)
    here, _ = self.connected()
    port = here.getsockname()[1]
    with stack.Wire(self.peer) as wire:
      here.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
      # The kernel's own is two hours.
      wire.until(lambda packet: (one := _segment(packet)) is not None and
                 one.source_port == port and one.flags & (_SYN | _FIN) == 0)

  @hardened.shows("tcp_fin_timeout")
  def test_a_peer_that_does_not_close_is_forgotten(self):
    stack.put(self.host, "net/ipv4/tcp_fin_timeout", "3600")
    self.addCleanup(stack.put, self.host, "net/ipv4/tcp_fin_timeout", "60")
    self.addCleanup(self.apply)
    self.apply(tcp_fin_timeout=1)
    here, _ = self.connected()
    port = here.getsockname()[1]
    here.close()
    waits = lambda: any(f":{port} " in line for line in self.sockets("fin-wait-2"))
    process.wait_until(waits, "it waits")
    process.wait_until(lambda: not waits(), "it is forgotten")

  @hardened.shows("tcp_rfc1337")
  def test_a_reset_does_not_end_the_wait(self):

    def ended():
      here, there = self.connected()
      ports = there.getsockname()[1], here.getsockname()[1]
      with stack.Wire(self.peer) as wire:
        here.shutdown(socket.SHUT_WR)
        there.recv(1)
        there.close()
        here.recv(1)
        here.close()
        waits = lambda: any(f":{ports[1]} " in line for line in self.sockets("time-wait"))
        process.wait_until(waits, "it waits")
        # The host's answer to the peer's FIN says what it expects next.
        last = _segment(wire.until(lambda packet: (one := _segment(packet)) is not None and
                                   one.source_port == ports[1] and one.flags == _ACK and
                                   one.ack != 0)[-1])
        while (more := self._acknowledgement(wire, ports[1])) is not None:
          last = more
      self.answers([(self.mac, 0x0800, stack.ipv4(
          self.peer.ipv4(), self.host.ipv4(), 6, stack.tcp(
              self.peer.ipv4(), self.host.ipv4(), ports, _RST, last.ack)))], lambda _: False)
      return not waits()

    self.compare("tcp_rfc1337", ended, 0, 1)

  @staticmethod
  def _acknowledgement(wire, port):
    packet = wire.now(lambda packet: (one := _segment(packet)) is not None and
                      one.source_port == port and one.flags == _ACK)
    return None if packet is None else _segment(packet)

  @hardened.shows("tcp_timestamps")
  def test_timestamps_and_what_they_tell(self):
    self.listening()
    sources = [f"10.77.0.{number}" for number in (81, 82)]
    for source in sources:
      self.unreachable(source)

    def stamps(port):
      """Those of the answers to two senders: one sees what the other's is."""
      found = []
      with self.outgoing() as wire:
        for source in sources:
          stack.send(self.peer, self.mac, [self.syn(source, port, _TIMESTAMPS)])
          answer = _segment(wire.until(lambda packet: (one := _segment(packet)) is not None and
                                       one.port == port and one.flags == _SYN | _ACK)[-1])
          at = answer.options.find(b"\x08\x0a")
          found.append(None if at < 0 else struct.unpack_from("!I", answer.options, at + 2)[0])
      return found

    self.apply(tcp_timestamps=0)
    self.assertEqual(stamps(4100), [None, None])
    minute = 60_000
    for value, alike in ((2, True), (1, False)):
      with self.subTest(value=value):
        self.apply(tcp_timestamps=value)
        first, second = stamps(4100 + value)
        self.assertEqual((second - first) % 2**32 < minute, alike)

  # --- Sizes of packets

  @hardened.shows("enable_pmtu_discovery")
  def test_packets_may_be_fragmented_on_their_way(self):
    def marked():
      def send():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
          out.sendto(b"sized", (self.peer.ipv4(), 9))

      with stack.Wire(self.peer) as wire:
        self.host.inside(send)
        packet = wire.until(lambda one: one.endswith(b"sized"))[-1]
      return packet[6] & 0x40 != 0  # do not fragment

    self.compare("enable_pmtu_discovery", marked, 1, 0)

  @hardened.shows("enable_pmtu_discovery")
  def test_packets_of_ipv6_are_as_small_as_every_link_takes(self):
    def large():
      def send():
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as out:
          out.sendto(b"x" * 1390 + b"sized", (self.peer.ipv6(), 9))

      with stack.Wire(self.peer) as wire:
        self.host.inside(send)
        packets = wire.until(lambda one: one.endswith(b"sized"))
      return any(len(one) > 1280 for one in packets)

    self.compare("enable_pmtu_discovery", large, 1, 0)

  # --- Queues

  @hardened.shows("minimum_dynamic_backlog", "maximum_dynamic_backlog")
  def test_the_backlog_stays_within_its_bounds(self):
    """What a socket that begins to listen gets is what the kernel makes of the limits."""
    names = "net/core/somaxconn", "net/ipv4/tcp_max_syn_backlog"
    found = {name: stack.get(self.host, name) for name in names}
    self.addCleanup(self.apply)

    def queue():
      with self.host.inside(lambda: _listener(self.host.ipv4())) as listener:
        listener.listen(60000)
        line = self.host.run("ss", "-Htln", "sport", f"= {listener.getsockname()[1]}").stdout
      return int(line.split()[2])

    self.apply(enable_dynamic_backlog=1, minimum_dynamic_backlog=20, maximum_dynamic_backlog=77)
    process.wait_until(lambda: queue() == 77, "no queue is longer than the most")
    self.apply(enable_dynamic_backlog=1, minimum_dynamic_backlog=5000,
               maximum_dynamic_backlog=20000)
    process.wait_until(lambda: queue() == 5000, "none is shorter than the least")
    self.apply(enable_dynamic_backlog=0)
    process.wait_until(lambda: queue() == int(found[names[0]]), "what was found is given back")

  @hardened.shows("enable_dynamic_backlog", "dynamic_backlog_growth_delta")
  def test_the_backlog_grows_by_what_is_refused(self):
    least, growth = 5000, 7
    limits = lambda: [int(stack.get(self.host, name)) for name in (
        "net/core/somaxconn", "net/ipv4/tcp_max_syn_backlog")]
    self.apply(enable_dynamic_backlog=1, minimum_dynamic_backlog=least,
               maximum_dynamic_backlog=20000, dynamic_backlog_growth_delta=growth)
    process.wait_until(lambda: limits() == [least, least], "the limits are the least")
    self.overflow()
    process.wait_until(lambda: min(limits()) > least, "they have grown")
    self.assertEqual({(limit - least) % growth for limit in limits()}, {0})
    self.addCleanup(self.apply)
    self.apply(enable_dynamic_backlog=0, minimum_dynamic_backlog=least)
    process.wait_until(lambda: max(limits()) < least, "they are what was found")

  def overflow(self, times=30):
    """Connection requests that are refused for want of room: nobody accepts."""
    self.listening(backlog=1)
    clients = []

    def connect():
      for _ in range(times):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setblocking(False)
        client.connect_ex((self.host.ipv4(), _PORT))
        clients.append(client)

    self.peer.inside(connect)
    self.addCleanup(lambda: [client.close() for client in clients])

  # --- The detector

  def attacks(self):
    return [row for row in self.fleet.audit() if row["action"] == "attack began"]

  def wait_attack(self, pattern):
    before = len(self.attacks())

    def wait():
      process.wait_until(lambda: len(self.attacks()) > before, "the attack is told")
      self.assertRegex(self.attacks()[-1]["detail"], pattern)
      self.apply()

    return wait

  @hardened.shows("tcp_max_ports_exhausted")
  def test_refused_requests_are_an_attack(self):
    self.apply(syn_attack_protect=1, tcp_max_ports_exhausted=65535)
    wait = self.wait_attack(r"requests refused or begun by cookies in a second \(limit 3\)")
    self.apply(syn_attack_protect=1, tcp_max_ports_exhausted=3)
    self.overflow()
    wait()

  def half_open(self, count):
    self.listening(backlog=4096)
    source = "10.77.0.92"
    self.unreachable(source)
    stack.send(self.peer, self.mac, [self.syn(source, 10000 + i) for i in range(count)])
    process.wait_until(lambda: len(self.sockets("syn-recv")) >= count, "they are half open")

  @hardened.shows("tcp_max_half_open")
  def test_half_open_connections_are_an_attack(self):
    wait = self.wait_attack(r"1[0-9]{2} half-open connections \(limit 100\)")
    self.apply(syn_attack_protect=1, tcp_max_half_open=100)
    self.half_open(120)
    wait()

  @hardened.shows("tcp_max_half_open_retried")
  def test_answers_that_were_sent_again_are_an_attack(self):
    wait = self.wait_attack(r"1[0-9]{2} of them answered more than once \(limit 90\)")
    self.apply(syn_attack_protect=1, tcp_max_half_open_retried=90)
    self.half_open(120)
    wait()

  # --- Connection tracking

  @hardened.shows("conntrack_max")
  def test_a_namespace_is_told_that_it_may_not_bound_the_table(self):
    self.apply(conntrack_max=100_000)
    said = self.fleet.local("web1", "settings", "conntrack_max").stdout
    self.assertIn("this network namespace may not set it", said)

  def test_the_table_of_connections_is_bounded(self):
    """What the kernel does with the value of the first namespace, which holds for each."""
    name = "/proc/sys/net/netfilter/nf_conntrack_max"
    if os.stat(name).st_mode & 0o200 == 0:
      self.skipTest("this is not the first network namespace")
    self.apply(_ON + policies.opened("udp/9"))
    bound, source = 20_000, self.peer.ipv4()
    # No flow that the table may have no room for.
    question = (self.mac, 0x0806, stack.arp(1, self.peer_mac, source, bytes(6), self.host.ipv4()))

    def more():
      self.host.run("conntrack", "-F")
      for first in range(20_000, 42_000, 200):
        with stack.Wire(self.peer) as wire:
          stack.send_frames(self.peer, [(self.mac, 0x0800, stack.ipv4(
              source, self.host.ipv4(), 17, stack.udp(source, self.host.ipv4(), port, 9, b"")))
                                        for port in range(first, first + 200)] + [question])
          wire.until(lambda packet: packet[:8] == bytes.fromhex("0001080006040002"))
      return int(stack.get(self.host, "net/netfilter/nf_conntrack_count")) > bound + 100

    found = pathlib.Path(name).read_text(encoding="ascii")
    self.assertGreater(int(found), 2 * bound)
    self.assertTrue(more())
    self.addCleanup(pathlib.Path(name).write_text, found, encoding="ascii")
    pathlib.Path(name).write_text(str(bound), encoding="ascii")
    self.assertFalse(more())

  @hardened.shows("conntrack_tcp_be_liberal")
  def test_segments_outside_the_window_reach_nobody(self):
    body = _ON + policies.opened(f"tcp/{_PORT}")
    self.apply(body)
    listener = self.listening()
    for value, reaches in ((1, True), (0, False)):
      with self.subTest(value=value):
        self.apply(body, conntrack_tcp_be_liberal=value)
        with stack.Wire(self.peer) as wire:
          client = self.peer.inside(
              lambda: socket.create_connection((self.host.ipv4(), _PORT)))
          self.addCleanup(client.close)
          self.addCleanup(listener.accept()[0].close)
          port = client.getsockname()[1]
          answer = _segment(wire.until(lambda packet: (one := _segment(packet)) is not None and
                                       one.port == port and one.flags == _SYN | _ACK)[-1])
        forged = stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 6, stack.tcp(
            self.peer.ipv4(), self.host.ipv4(), (port, _PORT), _ACK | _PSH,
            (answer.ack + 2**30) % 2**32, answer.seq + 1, data=b"forged"))
        # TCP answers what is outside its window, if it gets it.
        self.assertEqual(self.answers(
            [(self.mac, 0x0800, forged)],
            lambda packet: (one := _segment(packet)) is not None and one.port == port and
            one.flags == _ACK), reaches)


def _listener(address):
  listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  listener.bind((address, 0))
  return listener
