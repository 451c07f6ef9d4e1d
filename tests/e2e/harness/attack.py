# SPDX-License-Identifier: Apache-2.0
"""What tests of attacks on the controller's port have in common."""

import os
import re
import socket
import statistics
import threading
import time

from harness import case
from harness import enrolment
from harness import fleet as fleets
from harness import grpc_call
from harness import process

SLOW = bool(os.environ.get("FIREBREAK_SLOW"))
SECONDS = 30 if SLOW else 2  # of each attack
_GROWTH_KIB = 96 << 10
# Bounds of the long form.
_MOST_KIB = 200 << 10
_MOST_SECONDS = 1  # of an administrator's call, median
_MOST_SECONDS_AFTER = 5  # until everything is as before


class AttackCase(case.FleetCase):
  """Attacks come from the outsider; web1 must not notice them."""

  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.target = (cls.fleet.controller_node.ipv4(), fleets.PORT)

  def setUp(self):
    self.web1 = self.fleet.hosts["web1"].agent
    self.mark = self.web1.mark()
    self.kib = self.controller_kib()

  def controller_kib(self):
    with open(f"/proc/{self.fleet.controller.pid}/status", encoding="utf-8") as status:
      return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])

  def assert_nobody_noticed(self):
    """Returns how long an administrator's call took, and the controller's memory."""
    begun = time.monotonic()
    self.fleet.cli("host", "list", check=0)
    took = time.monotonic() - begun
    self.assertEqual(self.fleet.status("web1")["state"], "online")
    self.assertNotIn("no stream to", "\n".join(self.web1.lines()[self.mark:]))
    kib = self.controller_kib()
    self.assertLess(kib - self.kib, _GROWTH_KIB)
    return took, kib

  def assert_all_is_well(self):
    self.assert_nobody_noticed()
    status, text = enrolment.enrol(self.fleet, enrolment.message("fb1.AAAA", "x", b""))
    self.assertEqual(status, grpc_call.UNAUTHENTICATED, text)

  def established(self):
    """The connections that the controller has with the outsider."""
    seen = self.fleet.controller_node.run(
        "ss", "-Htn", "state", "established", "sport", "=", f":{fleets.PORT}").stdout
    hosts = [self.node(name).ipv4() for name in self.HOSTS]
    peers = [line.split()[-1].rpartition(":")[0].strip("[]").removeprefix("::ffff:")
             for line in seen.splitlines()]
    return len([peer for peer in peers if peer not in hosts])

  def under(self, attack):
    """`attack(number, until)` runs on four threads; others are served as before."""
    until = time.monotonic() + SECONDS
    errors = []

    def run(number):
      try:
        self.fleet.outsider.inside(lambda: attack(number, until))
      except Exception as error:  # an attack that ends by itself shows nothing
        errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
      thread.start()
    seen = []
    while time.monotonic() < until:
      seen.append(self.assert_nobody_noticed())
    for thread in threads:
      thread.join()
    self.assertEqual(errors, [])
    begun = time.monotonic()
    process.wait_until(lambda: self.established() == 0, "the attackers are gone")
    self.assert_all_is_well()
    after = time.monotonic() - begun
    if SLOW:
      median = statistics.median(took for took, _ in seen)
      most = max(kib for _, kib in seen)
      print(f"{self.id()}: {len(seen)} calls of an administrator, median {median:.2f} s; "
            f"at most {most} KiB of memory; as before after {after:.2f} s")
      self.assertLess(median, _MOST_SECONDS)
      self.assertLess(most, _MOST_KIB)
      self.assertLess(after, _MOST_SECONDS_AFTER)

  def connect(self, source=None):
    return socket.create_connection(
        self.target, timeout=10, source_address=(source, 0) if source else None)
