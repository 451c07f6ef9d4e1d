# SPDX-License-Identifier: Apache-2.0
"""Clients and hosts that stall: the others are served as before."""

import re
import signal
import socket
import time

from harness import case
from harness import enrolment
from harness import fleet as fleets
from harness import frames
from harness import identity
from harness import policies
from harness import unfinished

_CLIENTS = 200
_GROWTH_KIB = 64 << 10  # a third of what the requests together have
_PROMPT = 10  # seconds; far below the time after which the controller gives up such clients


class Stalled(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "slow1": {"role": "slow"}, "gone1": {"role": "gone"}}

  def apply_promptly(self, port):
    begun = time.monotonic()
    self.fleet.cli("apply", "-f", self.fleet.write(
        policies.policy("subject", "all", policies.opened(f"tcp/{port}"))), check=0)
    wanted = self.fleet.revision()
    self.fleet.wait_status(
        "web1", lambda status: int(status.get("revision", 0)) == wanted, f"has {wanted}")
    self.assertLess(time.monotonic() - begun, _PROMPT)

  def test_clients_that_connect_and_say_nothing(self):
    target = (self.fleet.controller_node.ipv4(), fleets.PORT)
    silent = self.fleet.outsider.inside(
        lambda: [socket.create_connection(target) for _ in range(_CLIENTS)])
    self.addCleanup(lambda: [client.close() for client in silent])
    self.apply_promptly(80)

  def test_clients_that_stop_half_way_through_a_handshake(self):
    target = (self.fleet.controller_node.ipv4(), fleets.PORT)
    clients = self.fleet.outsider.inside(
        lambda: [socket.create_connection(target) for _ in range(_CLIENTS)])
    self.addCleanup(lambda: [client.close() for client in clients])
    for client in clients:
      client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    self.apply_promptly(81)

  def test_a_host_that_stops_after_the_handshake(self):
    target = (self.fleet.controller_node.ipv4(), fleets.PORT)
    context = enrolment.context("h2", *identity.files(self.fleet, "gone1"))

    def connect():
      return [context.wrap_socket(socket.create_connection(target)) for _ in range(20)]

    clients = self.fleet.outsider.inside(connect)
    self.addCleanup(lambda: [client.close() for client in clients])
    for client in clients[-10::2]:
      client.sendall(frames.PREFACE)
    self.apply_promptly(82)

  def test_strangers_that_stop_after_the_handshake(self):
    target = (self.fleet.controller_node.ipv4(), fleets.PORT)
    context = enrolment.context()
    clients = self.fleet.outsider.inside(
        lambda: [context.wrap_socket(socket.create_connection(target)) for _ in range(20)])
    self.addCleanup(lambda: [client.close() for client in clients])
    for client in clients[::2]:
      client.sendall(b"\0\0")
    self.apply_promptly(83)

  def test_strangers_and_revoked_hosts_have_no_requests(self):
    revoked = identity.files(self.fleet, "gone1")
    self.fleet.cli("host", "revoke", "gone1", check=0)
    target = (self.fleet.controller_node.ipv4(), fleets.PORT)
    for who in ((None, None), revoked):
      before = self.controller_kib()
      for _ in range(2):
        with self.assertRaises(OSError):  # the connection ends
          self.fleet.outsider.inside(
              lambda who=who: unfinished.Unfinished(
                  target, "/firebreak.v1.Admin/Apply", 32, 3 << 20, *who))
      self.assertLess(self.controller_kib() - before, _GROWTH_KIB)
    self.apply_promptly(84)

  def test_requests_of_a_host_that_never_end_are_not_kept(self):
    target = (self.fleet.controller_node.ipv4(), fleets.PORT)
    for port, method in ((85, "/firebreak.v1.Admin/Apply"), (86, "/firebreak.v1.Fleet/Connect"),
                         (87, "/firebreak.v1.Enrolment/Renew")):
      with self.subTest(method):
        before = self.controller_kib()
        host = self.fleet.outsider.inside(
            lambda method=method: unfinished.Unfinished(
                target, method, 32, 3 << 20, *identity.files(self.fleet, "slow1")))
        self.addCleanup(host.close)
        self.assertLess(self.controller_kib() - before, _GROWTH_KIB)
        self.apply_promptly(port)

  def controller_kib(self):
    with open(f"/proc/{self.fleet.controller.pid}/status", encoding="utf-8") as status:
      return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])

  def test_a_host_that_hangs_delays_no_other(self):
    agent = self.fleet.hosts["slow1"].agent
    agent.signal(signal.SIGSTOP)
    self.addCleanup(agent.signal, signal.SIGCONT)
    ports = range(20_000, 40_000, 2)
    for i in range(10):  # more than fits into a socket's buffers
      self.fleet.cli("apply", "-f", self.fleet.write(policies.policy(
          "subject", "all", "port_mappings:\n" + policies.many([1000 + i, *ports]))), check=0)
      wanted = self.fleet.revision()
      self.fleet.wait_status("web1", lambda status: int(status.get("revision", 0)) == wanted,
                             f"has {wanted}")
    begun = time.monotonic()
    done = self.fleet.cli("apply", "-f", self.fleet.write(policies.policy(
        "subject", "all", policies.opened("tcp/83"))), "--wait", "--timeout", "2s", check=1)
    self.assertLess(time.monotonic() - begun, 10)
    self.assertIn("slow1", done.stdout + done.stderr)
    # Awake again, it goes to the newest revision.
    agent.signal(signal.SIGCONT)
    wanted = self.fleet.revision()
    self.fleet.wait_status("slow1", lambda status: int(status.get("revision", 0)) == wanted,
                           f"has {wanted}")
