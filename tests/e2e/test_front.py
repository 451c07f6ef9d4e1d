# SPDX-License-Identifier: Apache-2.0
"""Strangers attack the controller's port: nobody else notices, and all is well afterwards."""

import contextlib
import os
import re
import ssl
import subprocess
import threading
import time

from harness import attack as attacks
from harness import case
from harness import enrolment
from harness import fleet as fleets
from harness import frames
from harness import grpc_call
from harness import identity
from harness import process

_ADDRESSES = 50
# What a host may not do; each is an action of its own in the trail.
_FORBIDDEN = ("ListHosts", "CreateToken", "GetVersion", "RevokeHost", "ForgetHost", "ListMappings",
              "GetHost")


def _client_hello():
  client = enrolment.context("h2").wrap_bio(ssl.MemoryBIO(), out := ssl.MemoryBIO())
  try:
    client.do_handshake()
  except ssl.SSLWantReadError:
    pass
  return out.read()


class Strangers(attacks.AttackCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.sources = [f"10.77.0.{100 + i}" for i in range(_ADDRESSES)]
    for source in cls.sources:
      cls.fleet.outsider.run("ip", "address", "add", f"{source}/24", "dev", "eth0")
    cls.forbidden = iter(_FORBIDDEN)

  def strangers(self, attack):
    """`attack(connected socket)` from all addresses again and again, while others are served."""
    attempts = []

    def go(number, until):
      kept = []
      while time.monotonic() < until:
        for source in self.sources[number::4]:
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

    with self.a_named_caller_is_on_record():
      self.under(go)
    self.assertGreater(len(attempts), _ADDRESSES)

  @contextlib.contextmanager
  def a_named_caller_is_on_record(self):
    """What a host is refused meanwhile is not hidden by what strangers are refused."""
    method = next(type(self).forbidden)
    action = re.sub("([A-Z])", r" \1", method).strip().lower()
    certificate, key = identity.files(self.fleet, "web1")
    refused = threading.Thread(target=lambda: grpc_call.call(
        self.fleet, f"firebreak.v1.Admin/{method}", certificate=certificate, key=key))
    refused.start()
    yield
    refused.join()
    process.wait_until(
        lambda: any(row["actor"] == "host/web1" and row["action"] == action and
                    row["result"] == "refused" for row in self.fleet.audit()),
        f"it is on record that web1 may not {action}")

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

  def test_strangers_with_odd_certificates(self):
    contexts = [enrolment.context("h2", *self.odd_certificate(number, names))
                for number, names in enumerate((
                    "URI:firebreak://host/web1",
                    ",".join(f"DNS:{i}.example" for i in range(2000)),
                    ",".join(["URI:firebreak://admin/admin"] * 50),
                    "URI:firebreak://host/\\x1b[31m" + "x" * 5000,
                    "otherName:1.2.3.4;UTF8:firebreak://host/web1"))]

    def attack(one):
      one.settimeout(2)
      # The next one each time.
      contexts.append(contexts.pop(0))
      with contexts[0].wrap_socket(one.dup()) as tls:
        tls.recv(1)

    self.strangers(attack)

  def odd_certificate(self, number, names):
    """Signed by nobody, so that it may say what it likes."""
    base = self.fleet.path(f"odd{number}")
    with open(base + ".cnf", "w", encoding="utf-8") as out:
      out.write("[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n"
                f"[dn]\nCN=Firebreak\n[v3]\nsubjectAltName={names}\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", base + ".key", "-out",
                    base + ".crt", "-days", "1", "-config", base + ".cnf"],
                   check=True, capture_output=True)
    return base + ".crt", base + ".key"

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
    # Not at the first attempt if none of the strangers is at the door that took the administrator.
    process.wait_until(lambda: self.fleet.cli("host", "list").returncode == 0,
                       "an administrator is served")
    for one in silent:
      one.close()
    silent.clear()
    self.assert_all_is_well()

  def test_handshakes_that_are_cut(self):
    hello = _client_hello()

    def cut():
      for size in range(0, len(hello), 1 if attacks.SLOW else 7):
        with self.connect() as one:
          one.sendall(hello[:size])

    self.fleet.outsider.inside(cut)
    self.assert_all_is_well()


class StockClients(case.FleetCase):
  """Python's gRPC from Debian against the front."""

  def command(self, program, certificate, key):
    return ("/usr/bin/python3",  # Debian's, for which the module is
            os.path.join(os.path.dirname(__file__), "harness", program),
            f"{self.fleet.controller_node.ipv4()}:{fleets.PORT}", certificate, key,
            grpc_call.client_files(self.fleet)[2])

  def call(self, *arguments):
    self.assertIn("all is well", self.fleet.outsider.run(*self.command(*arguments)).stdout)

  # Runs only by hand, in a folder where `npm install @grpc/grpc-js` was run: npm need not be there.
  if os.environ.get("FIREBREAK_GRPC_JS"):

    def test_grpc_js(self):
      self.fleet.hosts["web1"].agent.kill()
      for who, files in (("admin", grpc_call.client_files(self.fleet)[:2]),
                         ("host", identity.files(self.fleet, "web1"))):
        with self.subTest(who):
          done = self.fleet.outsider.run(
              "env", f"NODE_PATH={os.environ['FIREBREAK_GRPC_JS']}/node_modules", "node",
              os.path.join(os.path.dirname(__file__), "harness", "stock_client.js"), who,
              f"{self.fleet.controller_node.ipv4()}:{fleets.PORT}", *files,
              grpc_call.client_files(self.fleet)[2])
          self.assertIn("all is well", done.stdout)

  def test_pythons_grpc(self):
    self.call("stock_client.py", *grpc_call.client_files(self.fleet)[:2])

  def test_pythons_grpc_as_a_host(self):
    self.fleet.hosts["web1"].agent.kill()
    self.call("stock_host.py", *identity.files(self.fleet, "web1"))

  def test_a_controller_that_stops_tells_pythons_grpc(self):
    self.fleet.hosts["web1"].agent.kill()
    host = self.fleet.spawn("stock-host", self.fleet.outsider.command(*self.command(
        "stock_host.py", *identity.files(self.fleet, "web1")), "until the end"))
    host.wait_for_line("has a stream")
    self.addCleanup(self.fleet.start_controller)
    self.fleet.controller.stop()
    host.wait_for_line("ended: UNAVAILABLE: the controller is shutting down")
