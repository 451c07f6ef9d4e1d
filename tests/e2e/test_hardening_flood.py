# SPDX-License-Identifier: Apache-2.0
"""A flood of connection requests from nowhere: who gets through, and what is told of it."""

import os
import random
import socket
import struct
import threading
import time

from harness import case
from harness import hardened
from harness import policies
from harness import process
from harness import records
from harness import stack

_PORT = 8080
_SLOW = bool(os.environ.get("FIREBREAK_SLOW"))
_SECONDS = 20 if _SLOW else 4
_NOWHERE4, _NOWHERE6 = "198.18.{}.{}", "2001:db8:bad::{:x}"


def _syn(source, target, port):
  family = socket.AF_INET6 if ":" in source else socket.AF_INET
  segment = struct.pack("!HHIIBBHHH", random.randrange(1024, 65536), port,
                        random.getrandbits(32), 0, 6 << 4, 2, 64240, 0, 0) + b"\x02\x04\x05\xb4"
  pseudo = (socket.inet_pton(family, source) + socket.inet_pton(family, target) +
            struct.pack("!II", len(segment), 6))
  segment = segment[:16] + struct.pack("!H", stack.checksum(pseudo + segment)) + segment[18:]
  build = stack.ipv6 if family == socket.AF_INET6 else stack.ipv4
  return build(source, target, 6, segment)


class Flood(case.FleetCase):
  ALONE = True

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"].node
    # Answers to nowhere go to the outsider, who has no use for them.
    cls.host.run("ip", "route", "add", "198.18.0.0/15", "via", cls.fleet.outsider.ipv4())
    cls.host.run("ip", "-6", "route", "add", "2001:db8:bad::/48", "via", cls.fleet.outsider.ipv6())
    cls.fleet.listen("web1", f"tcp/{_PORT}")
    for node in (cls.fleet.outsider, cls.fleet.controller_node):
      for address in cls.host.addresses():
        node.run("ping", "-c1", "-W1", address, check=False)
    cls.mac = stack.mac(cls.host)

  def apply(self, hardening):
    self.fleet.apply(policies.policy(
        "subject", "all", 'firewall: "on"\n' + policies.opened(f"tcp/{_PORT}") +
        # That something is recorded is enough for a record of the attack.
        policies.mapping("udp", 9, log="true") +
        f"hardening: {hardening}"))

  def through(self, address):
    """To which share of a client's connections the service answers during a flood."""
    over = threading.Event()
    nowhere = (lambda i: _NOWHERE6.format(i)) if ":" in address else (
        lambda i: _NOWHERE4.format(i >> 8 & 255, i & 255))
    packets = [_syn(nowhere(i), address, _PORT) for i in range(1, 8000)]

    def flood():
      while not over.is_set():
        for at in range(0, len(packets), 250):
          if over.is_set():
            return
          stack.send(self.fleet.outsider, self.mac, packets[at:at + 250])
          time.sleep(0.02)

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
      process.wait_until(self.under_way, "the flood is under way")

      def connect():
        tried = done = 0
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
          tried += 1
          with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as client:
            client.settimeout(0.9)
            try:
              client.connect((address, _PORT))
              client.sendall(b"?")
              done += client.recv(1) == b"?"
            except OSError:
              pass
          time.sleep(0.01)
        return done / tried

      return self.fleet.controller_node.inside(connect)
    finally:
      over.set()
      flooding.join()

  def under_way(self):
    """Requests are refused, answered by cookies, or by the SYN proxy."""

    def count():
      with open("/proc/thread-self/net/netstat", encoding="ascii") as file:
        rows = [line.split() for line in file if line.startswith("TcpExt:")]
      counters = dict(zip(rows[0][1:], map(int, rows[1][1:])))
      proxied = 0
      try:
        with open("/proc/thread-self/net/stat/synproxy", encoding="ascii") as file:
          proxied = sum(int(line.split()[1], 16) for line in file.readlines()[1:])
      except OSError:
        pass
      return proxied + sum(counters.get(name, 0) for name in (
          "TCPReqQFullDrop", "TCPReqQFullDoCookies", "ListenDrops"))

    before, self.counted = getattr(self, "counted", None), self.host.inside(count)
    return before is not None and self.counted > before

  def stack_state(self):
    return self.fleet.status("web1")["facts"].get("stack", {})

  def rows(self, action):
    return [row for row in self.fleet.audit() if row["action"] == action]

  @hardened.shows("syn_attack_protect")
  def test_clients_get_through_with_protection_only(self):
    for address in self.host.addresses():
      with self.subTest("without", address=address):
        self.apply("{settings: {syn_attack_protect: 0}}")
        self.counted = None
        self.assertLess(self.through(address), 0.9)
    self.apply("{preset: recommended}")
    for address in self.host.addresses():
      with self.subTest("with", address=address):
        self.counted = None
        self.assertGreaterEqual(self.through(address), 0.99)
    process.wait_until(lambda: self.rows("attack began"), "the trail tells of the attack")
    process.wait_until(lambda: self.rows("attack ended"), "the trail tells of its end")
    self.assertEqual(len(self.rows("attack began")), 1)
    self.assertEqual(len(self.rows("attack ended")), 1)
    records.wait(self.fleet, lambda found: [one["reason"] for one in found] == [
        "attack.began", "attack.ended"], "the log tells of both", "--action", "INFO-ATTACK")
    state = self.fleet.wait_status(
        "web1", lambda one: not one["facts"]["stack"].get("attacked"), "is not attacked any more")
    self.assertEqual(int(state["facts"]["stack"]["attacks"]), 1)
    self.assertEqual(stack.get(self.host, "net/ipv4/tcp_synack_retries"), "2")


if _SLOW:
  class Cost(Flood):
    """What the detector takes, printed."""

    test_clients_get_through_with_protection_only = None

    def cpu(self):
      """Seconds that the agent has taken."""
      with open(f"/proc/{self.fleet.hosts['web1'].agent.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
      return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def taken(self, seconds=20):
      begun = self.cpu()
      time.sleep(seconds)
      return (self.cpu() - begun) / seconds * 100

    def half_open(self):
      return len(self.host.run("ss", "-Htan", "state", "syn-recv").stdout.splitlines())

    def test_cost(self):
      self.fleet.listen("web1", "tcp/9000-9010")
      self.apply("{preset: off}")
      off = self.taken()
      self.apply("{settings: {syn_attack_protect: 1, tcp_max_half_open: 500, "
                 "tcp_max_half_open_retried: 400, tcp_max_ports_exhausted: 5}}")
      idle = self.taken()
      self.fleet.apply(policies.policy(
          "more", "all", policies.opened("tcp/9000-9010"), priority=1))
      packets = [_syn(_NOWHERE4.format(i >> 8 & 255, i & 255), self.host.ipv4(), 9000 + i % 11)
                 for i in range(1, 11_000)]
      stack.send(self.fleet.outsider, self.mac, packets)
      before = self.half_open()
      busy = self.taken()
      print(f"           CPU of the agent: {off:.2f} % without a detector, {idle:.2f} % with one, "
            f"{busy:.2f} % with {before} half-open connections, {self.half_open()} in the end")
      self.assertLess(busy, 1)
