# SPDX-License-Identifier: Apache-2.0
"""One host with a valid certificate attacks the controller's port: it is bounded, and named."""

import hashlib
import itertools
import ssl
import struct
import time

from harness import attack as attacks
from harness import enrolment
from harness import frames
from harness import grpc_call
from harness import identity
from harness import policies
from harness import process

_REACH = "/firebreak.v1.Fleet/Reach"
_CONNECT = "/firebreak.v1.Fleet/Connect"


def _floods():
  """What a host sends without end, by name: a generator of it, and what the record says."""
  headers = frames.request(_REACH)

  def many(data):
    while True:
      yield data * 100

  def resets():
    for stream in itertools.count(1, 2):
      yield (frames.frame(frames.HEADERS, frames.END_HEADERS, stream, headers) +
             frames.frame(frames.RST_STREAM, 0, stream, b"\0\0\0\x08"))

  def continuations():
    yield frames.frame(frames.HEADERS, 0, 1, headers)
    yield from many(frames.frame(frames.CONTINUATION, 0, 1))

  def huge_header():
    yield frames.frame(frames.HEADERS, 0, 1, headers + b"\0\x01x\x7f\x80\xff\xff\xff\x07")
    yield from many(frames.frame(frames.CONTINUATION, 0, 1, bytes(16384)))

  def million_headers():
    # Each byte is a header of the static table.
    yield frames.frame(frames.HEADERS, 0, 1, headers + b"\x90" * 16_000)
    yield from many(frames.frame(frames.CONTINUATION, 0, 1, b"\x90" * 16_384))

  def bomb():
    # One long header is put into the table, and each byte that follows repeats it.
    long = b"\x40\x01x" + b"\x7f\xa1\x1e" + b"a" * 4000
    yield frames.frame(frames.HEADERS, frames.END_HEADERS, 1, headers + long + b"\xbe" * 10_000)

  def on_a_call(data):
    yield frames.frame(frames.HEADERS, frames.END_HEADERS, 1, frames.request(_CONNECT))
    yield from many(data)

  def calls():
    for stream in itertools.count(1, 2):
      yield frames.frame(frames.HEADERS, frames.END_HEADERS, stream, headers)

  one_byte = frames.frame(frames.WINDOW_UPDATE, 0, 1, b"\0\0\0\x01")
  most_bytes = frames.frame(frames.WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff")
  return {
      "rapid reset": (resets, "RST_STREAM"),
      "endless headers": (continuations, "CONTINUATION"),
      "a header of 2 GiB": (huge_header, "headers|CONTINUATION"),
      "a million headers": (million_headers, "headers|CONTINUATION"),
      "a bomb of headers": (bomb, None),  # for the same reason
      "PING": (lambda: many(frames.frame(frames.PING, 0, 0, bytes(8))), "PING"),
      "SETTINGS": (lambda: many(frames.frame(frames.SETTINGS, 0, 0)), "SETTINGS"),
      "many settings": (lambda: many(frames.frame(
          frames.SETTINGS, 0, 0, struct.pack(">HI", 9, 9) * 2000)), "SETTINGS"),
      "PRIORITY": (lambda: on_a_call(frames.frame(frames.PRIORITY, 0, 3, bytes(5))), "PRIORITY"),
      "WINDOW_UPDATE": (lambda: on_a_call(one_byte), "WINDOW_UPDATE"),
      "windows that overflow": (lambda: many(most_bytes), "HTTP/2"),
      "empty DATA": (lambda: on_a_call(frames.frame(frames.DATA, 0, 1)), "DATA"),
      "calls": (calls, "calls"),
  }


class OneBadHost(attacks.AttackCase):
  HOSTS = {"web1": {"role": "web"}, "bad1": {"role": "bad"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.bad = identity.files(cls.fleet, "bad1")
    # Who it says it is does not matter to what it costs, and so it does not come between.
    cls.fleet.hosts["bad1"].agent.kill()

  def as_bad1(self):
    """A connection of the bad host's that has begun to speak HTTP/2."""
    tls = enrolment.context("h2", *self.bad).wrap_socket(self.connect())
    tls.sendall(frames.PREFACE + frames.frame(frames.SETTINGS, 0, 0))
    return tls

  def send_until_cut(self, make):
    """Sends what `make` yields until the connection ends; how much that was."""
    sent = 0
    with self.as_bad1() as tls:
      try:
        for data in make():
          tls.sendall(data)
          sent += len(data)
          if sent > 64 << 20:
            return sent
        while tls.recv(65536):
          pass
      except TimeoutError:
        raise AssertionError(f"goes on after {sent} bytes")
      except OSError:
        pass
    return sent

  def cut_off(self, name, make, reason):
    """A host sends what `make` yields until it is cut off, soon; its name is on record."""
    with self.subTest(name):
      mark = self.fleet.controller.mark()
      self.assertLess(self.fleet.outsider.inside(lambda: self.send_until_cut(make)), 64 << 20)
      if reason:
        self.fleet.controller.wait_for_line(
            f"refused connection .*host/bad1: cut off: .*({reason})", after=mark)
      self.assert_nobody_noticed()

  def test_floods_by_a_host(self):
    for name, (make, reason) in _floods().items():
      self.cut_off(name, make, reason)
    self.assert_all_is_well()
    process.wait_until(
        lambda: any(row["actor"] == "host/bad1" and "cut off" in row["detail"]
                    for row in self.fleet.audit()), "the trail has its name")

  def test_one_host_that_comes_back_with_each_flood(self):
    """All floods again and again, on as many connections as the host can make."""
    def attack(number, until):
      for make, _ in itertools.islice(itertools.cycle(_floods().values()), number, None):
        if time.monotonic() > until:
          return
        try:
          self.send_until_cut(make)
        except OSError:
          pass

    self.under(attack)

  def test_one_host_with_many_connections(self):
    mine = []
    self.addCleanup(lambda: [one.close() for one in mine])

    def connect():
      for _ in range(10_000 if attacks.SLOW else 100):
        mine.append(self.as_bad1())
        for old in mine[:-50]:
          old.close()
        del mine[:-50]

    self.fleet.outsider.inside(connect)
    process.wait_until(lambda: self.established() <= 16, "it has as many as a host may have")
    self.fleet.controller.wait_for_line("refused connection .*host/bad1: more than")
    self.assert_all_is_well()

  def test_a_host_that_does_not_take_what_it_is_sent(self):
    """Without a window, and without reading; large policies wait for it."""
    mine = []
    self.addCleanup(lambda: [one.close() for one in mine])
    no_window = frames.frame(
        frames.SETTINGS, 0, 0, struct.pack(">HI", frames.INITIAL_WINDOW_SIZE, 0))

    def connect():
      for i in range(16):
        mine.append(self.as_bad1())
        mine[-1].sendall((no_window if i % 2 else b"") + b"".join(
            frames.call(stream, _CONNECT, frames.HELLO) for stream in (1, 3, 5)))

    self.fleet.outsider.inside(connect)
    for first in range(1000, 1003):
      self.fleet.cli("apply", "-f", self.fleet.write(policies.policy(
          "subject", "all", "port_mappings:\n" + policies.many(range(first, 9_000, 4)))), check=0)
      self.assert_nobody_noticed()
    for one in mine:
      one.close()
    mine.clear()
    self.assert_all_is_well()

  def test_a_host_that_never_stops_talking(self):
    """Messages that a host may send, as fast as they go; it is slowed down, and that is all."""
    with open(grpc_call.client_files(self.fleet)[2], encoding="ascii") as ca:
      fleet = hashlib.sha256(ssl.PEM_cert_to_DER_cert(ca.read())).digest()
    history = b"\x08\x01" + grpc_call.field(3, "no signature") + grpc_call.field(4, fleet)
    talk = b"".join(map(frames.message, (
        grpc_call.field(4, b""),  # facts
        # A receipt of a revision that nobody made, and an answer that nobody asked for.
        grpc_call.field(2, b"\x08\xff\xff\x03" + grpc_call.field(8, history)),
        grpc_call.field(5, b"\x08\x63")))) * 100

    def attack(number, until):
      if number > 0:
        return  # of a host's streams only the newest stays
      windows = frames.Windows()
      with self.as_bad1() as tls:
        tls.sendall(frames.call(1, _CONNECT, frames.HELLO))
        windows.spend(len(frames.message(frames.HELLO)))
        while time.monotonic() < until:
          while windows.room() < len(talk):
            tls.sendall(windows.take(tls.recv(65536)))
          tls.sendall(frames.frame(frames.DATA, 0, 1, talk))
          windows.spend(len(talk))

    mark = self.fleet.controller.mark()
    self.under(attack)
    mine = [line for line in self.fleet.controller.lines()[mark:] if "bad1" in line]
    self.assertLess(len(mine), 200, mine[-3:])

  def test_a_revoked_hosts_connections_all_end_at_once(self):
    mine = []
    self.addCleanup(lambda: [one.close() for one in mine])

    def connect():
      for _ in range(16):
        mine.append(self.as_bad1())
        mine[-1].sendall(frames.call(1, _CONNECT, frames.HELLO))

    self.fleet.outsider.inside(connect)
    process.wait_until(lambda: self.established() == 16, "all of them are let in")
    self.fleet.cli("host", "revoke", "bad1", check=0)
    self.addCleanup(self.let_bad1_in)
    for one in mine:
      one.settimeout(process.PATIENCE)
      try:
        while one.recv(65536):
          pass
      except TimeoutError:
        raise
      except OSError:
        pass
    process.wait_until(lambda: self.established() == 0, "the controller has none of them")
    self.assert_all_is_well()

  def test_connections_that_are_cut(self):
    spoken = frames.PREFACE + frames.frame(frames.SETTINGS, 0, 0) + frames.call(1, _REACH, b"")

    def cut():
      for size in range(0, len(spoken), 1 if attacks.SLOW else 7):
        one = enrolment.context("h2", *self.bad).wrap_socket(self.connect())
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
