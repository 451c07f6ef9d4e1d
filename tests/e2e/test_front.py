# SPDX-License-Identifier: Apache-2.0
"""Attacks on the controller's port: nobody else notices, and all is well afterwards."""

import os
import re
import socket
import ssl
import subprocess
import threading
import time

from harness import case
from harness import enrolment
from harness import fleet as fleets
from harness import frames
from harness import grpc_call
from harness import identity
from harness import process

_SLOW = bool(os.environ.get("FIREBREAK_SLOW"))
_SECONDS = 30 if _SLOW else 2  # of each attack by strangers
_ADDRESSES = 50
_GROWTH_KIB = 96 << 10
_REACH = "/firebreak.v1.Fleet/Reach"


def _client_hello():
  client = enrolment.context("h2").wrap_bio(ssl.MemoryBIO(), out := ssl.MemoryBIO())
  try:
    client.do_handshake()
  except ssl.SSLWantReadError:
    pass
  return out.read()


class Front(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "bad1": {"role": "bad"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.target = (cls.fleet.controller_node.ipv4(), fleets.PORT)
    cls.sources = [f"10.77.0.{100 + i}" for i in range(_ADDRESSES)]
    for source in cls.sources:
      cls.fleet.outsider.run("ip", "address", "add", f"{source}/24", "dev", "eth0")
    cls.bad = identity.files(cls.fleet, "bad1")
    # Who it says it is does not matter to what it costs, and so it does not come between.
    cls.fleet.hosts["bad1"].agent.kill()

  def setUp(self):
    self.web1 = self.fleet.hosts["web1"].agent
    self.mark = self.web1.mark()
    self.kib = self.controller_kib()

  def controller_kib(self):
    with open(f"/proc/{self.fleet.controller.pid}/status", encoding="utf-8") as status:
      return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])

  def assert_nobody_noticed(self):
    begun = time.monotonic()
    self.fleet.cli("host", "list", check=0)
    if _SLOW:
      print(f"{self.id()}: an administrator's call took {time.monotonic() - begun:.2f} s, "
            f"{self.controller_kib() - self.kib} KiB more")
    self.assertEqual(self.fleet.status("web1")["state"], "online")
    self.assertNotIn("no stream to", "\n".join(self.web1.lines()[self.mark:]))
    self.assertLess(self.controller_kib() - self.kib, _GROWTH_KIB)

  def assert_all_is_well(self):
    self.assert_nobody_noticed()
    status, text = enrolment.enrol(self.fleet, enrolment.message("fb1.AAAA", "x", b""))
    self.assertEqual(status, grpc_call.UNAUTHENTICATED, text)

  def connect(self, source=None):
    return socket.create_connection(
        self.target, timeout=10, source_address=(source, 0) if source else None)

  def strangers(self, attack):
    """`attack(connected socket)` from all addresses again and again, while others are served."""
    until = time.monotonic() + _SECONDS
    attempts = []

    def go(sources):
      def body():
        kept = []
        while time.monotonic() < until:
          for source in sources:
            try:
              one = self.connect(source)
              attack(one)
              kept.append(one)
            except OSError:
              pass
            attempts.append(source)
          for old in kept[:-100]:
            old.close()
          del kept[:-100]
        for one in kept:
          one.close()
      self.fleet.outsider.inside(body)

    threads = [threading.Thread(target=go, args=(self.sources[i::4],)) for i in range(4)]
    for thread in threads:
      thread.start()
    while time.monotonic() < until:
      self.assert_nobody_noticed()
    for thread in threads:
      thread.join()
    self.assertGreater(len(attempts), _ADDRESSES)
    self.assert_all_is_well()

  def test_strangers_that_say_nothing(self):
    self.strangers(lambda one: None)

  def test_strangers_that_begin_a_handshake_and_stop(self):
    hello = _client_hello()
    self.strangers(lambda one: one.sendall(hello))

  def test_strangers_that_say_what_is_no_tls(self):
    self.strangers(lambda one: one.sendall(frames.PREFACE + os.urandom(1000)))

  def test_strangers_that_go_through_with_the_handshake(self):
    context = enrolment.context("h2")

    def attack(one):
      one.settimeout(2)
      tls = context.wrap_socket(one.dup())
      tls.sendall(frames.PREFACE)
      tls.close()

    self.strangers(attack)

  def test_strangers_that_would_like_to_enrol(self):
    context = enrolment.context()
    asked = enrolment.message("fb1.AAAA", "x", b"")

    def attack(one):
      one.settimeout(2)
      tls = context.wrap_socket(one.dup())
      tls.sendall(b"\0\0\0" + bytes([len(asked)]) + asked)
      tls.close()

    self.strangers(attack)

  def test_descriptors_that_run_out(self):
    """A listener that has once met EMFILE goes on."""
    pid = self.fleet.controller.pid
    limits = subprocess.run(["prlimit", "--pid", str(pid), "--nofile", "--noheadings", "--raw",
                             "--output=SOFT,HARD"], check=True, capture_output=True,
                            text=True).stdout.split()
    few = max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 30

    def set_limit(value):
      subprocess.run(["prlimit", "--pid", str(pid), f"--nofile={value}"], check=True)

    set_limit(f"{few}:{limits[1]}")
    self.addCleanup(set_limit, f"{limits[0]}:{limits[1]}")
    silent = []
    self.addCleanup(lambda: [one.close() for one in silent])

    def crowd():
      for source in self.sources * 8:
        silent.append(self.connect(source))

    self.fleet.outsider.inside(crowd)
    self.fleet.cli("host", "list", check=0)
    for one in silent:
      one.close()
    silent.clear()
    self.assert_all_is_well()

  def cut_off(self, name, make, reason):
    """A host sends what `make` yields until it is cut off, soon; its name is on record."""
    def body():
      sent = 0
      context = enrolment.context("h2", *self.bad)
      with context.wrap_socket(self.connect()) as tls:
        try:
          tls.sendall(frames.PREFACE + frames.frame(frames.SETTINGS, 0, 0))
          for data in make():
            tls.sendall(data)
            sent += len(data)
            if sent > 64 << 20:
              return sent
          while tls.recv(65536):
            pass
        except OSError:
          pass
      return sent

    with self.subTest(name):
      mark = self.fleet.controller.mark()
      self.assertLess(self.fleet.outsider.inside(body), 64 << 20)
      if reason:
        self.fleet.controller.wait_for_line(
            f"refused connection .*host/bad1: cut off: .*{reason}", after=mark)
      self.assert_nobody_noticed()

  def test_floods_by_a_host(self):
    headers = frames.request(_REACH)

    def many(data):
      while True:
        yield data * 100

    def resets():
      stream = 1
      while True:
        yield (frames.frame(frames.HEADERS, frames.END_HEADERS, stream, headers) +
               frames.frame(frames.RST_STREAM, 0, stream, b"\0\0\0\x08"))
        stream += 2

    def continuations():
      yield frames.frame(frames.HEADERS, 0, 1, headers)
      yield from many(frames.frame(frames.CONTINUATION, 0, 1))

    def huge_header():
      yield frames.frame(frames.HEADERS, 0, 1, headers + b"\0\x01x\x7f\x80\xff\xff\xff\x07")
      yield from many(frames.frame(frames.CONTINUATION, 0, 1, bytes(16384)))

    def on_a_call(data):
      yield frames.frame(frames.HEADERS, frames.END_HEADERS, 1,
                         frames.request("/firebreak.v1.Fleet/Connect"))
      yield from many(data)

    def calls():
      for stream in range(1, 100_001, 2):
        yield frames.frame(frames.HEADERS, frames.END_HEADERS, stream, headers)

    for name, make, reason in (
        ("rapid reset", resets, "RST_STREAM"),
        ("endless headers", continuations, "CONTINUATION"),
        ("a header of 2 GiB", huge_header, "headers|CONTINUATION"),
        # These gRPC ends itself, sooner.
        ("PING", lambda: many(frames.frame(frames.PING, 0, 0, bytes(8))), ""),
        ("SETTINGS", lambda: many(frames.frame(frames.SETTINGS, 0, 0)), "SETTINGS"),
        ("PRIORITY", lambda: on_a_call(frames.frame(frames.PRIORITY, 0, 3, bytes(5))), "PRIORITY"),
        ("WINDOW_UPDATE", lambda: on_a_call(
            frames.frame(frames.WINDOW_UPDATE, 0, 1, b"\0\0\0\x01")), "WINDOW_UPDATE"),
        ("empty DATA", lambda: on_a_call(frames.frame(frames.DATA, 0, 1)), "DATA"),
        ("calls", calls, "calls")):
      self.cut_off(name, make, reason)
    self.assert_all_is_well()
    process.wait_until(
        lambda: any(row["actor"] == "host/bad1" and "cut off" in row["detail"]
                    for row in self.fleet.audit()), "the trail has its name")

  def test_one_host_with_many_connections(self):
    context = enrolment.context("h2", *self.bad)
    mine = []
    self.addCleanup(lambda: [one.close() for one in mine])

    def connect():
      for _ in range(10_000 if _SLOW else 100):
        mine.append(context.wrap_socket(self.connect()))
        mine[-1].sendall(frames.PREFACE + frames.frame(frames.SETTINGS, 0, 0))
        for old in mine[:-50]:
          old.close()
        del mine[:-50]

    self.fleet.outsider.inside(connect)

    def established():
      seen = self.fleet.controller_node.run(
          "ss", "-Htn", "state", "established", "dst", self.fleet.outsider.ipv4()).stdout
      return len(seen.split("\n")) - 1

    process.wait_until(lambda: established() <= 16, "it has as many as a host may have")
    self.fleet.controller.wait_for_line("refused connection .*host/bad1: more than")
    self.assert_all_is_well()

  def test_connections_that_are_cut(self):
    hello = _client_hello()
    context = enrolment.context("h2", *self.bad)
    spoken = (frames.PREFACE + frames.frame(frames.SETTINGS, 0, 0) + frames.frame(
        frames.HEADERS, frames.END_HEADERS, 1, frames.request(_REACH)) +
              frames.frame(frames.DATA, frames.END_STREAM, 1, bytes(5)))

    def cut():
      for size in range(0, len(hello), 1 if _SLOW else 7):
        with self.connect() as one:
          one.sendall(hello[:size])
      for size in range(0, len(spoken), 1 if _SLOW else 7):
        one = context.wrap_socket(self.connect())
        one.sendall(spoken[:size])
        one.close()

    self.fleet.outsider.inside(cut)
    self.assert_all_is_well()

  def test_a_revoked_host_is_told_so_by_an_alert(self):
    self.fleet.cli("host", "revoke", "bad1", check=0)
    self.addCleanup(self.let_bad1_in)

    def handshake():
      with enrolment.context("h2", *self.bad).wrap_socket(self.connect()) as tls:
        tls.recv(1)  # TLS 1.3 tells a client only then

    with self.assertRaisesRegex(ssl.SSLError, "(?i)certificate revoked"):
      self.fleet.outsider.inside(handshake)
    self.assert_all_is_well()

  def let_bad1_in(self):
    agent = self.fleet.start_agent("bad1", token=self.fleet.token())
    agent.wait_for_line("enrolled as")
    agent.kill()
    type(self).bad = identity.files(self.fleet, "bad1")


class StockClients(case.FleetCase):
  """Python's gRPC from Debian against the front."""

  def call(self, program, certificate, key):
    ca = grpc_call.client_files(self.fleet)[2]
    done = self.fleet.outsider.run(
        "/usr/bin/python3",  # Debian's, for which the module is
        os.path.join(os.path.dirname(__file__), "harness", program),
        f"{self.fleet.controller_node.ipv4()}:{fleets.PORT}", certificate, key, ca)
    self.assertIn("all is well", done.stdout)

  def test_pythons_grpc(self):
    self.call("stock_client.py", *grpc_call.client_files(self.fleet)[:2])

  def test_pythons_grpc_as_a_host(self):
    self.fleet.hosts["web1"].agent.kill()
    self.call("stock_host.py", *identity.files(self.fleet, "web1"))
