# SPDX-License-Identifier: Apache-2.0
"""At no instant are the old rules gone and the new ones not yet there."""

import os
import time

from harness import case
from harness import fleet as fleets
from harness import policies

_MAPPINGS = 10_000
_REVISIONS = 5000 if os.environ.get("FIREBREAK_SLOW") else 250
_TRANSFER_PORT = 5001
_UNMAPPED_PORT = 4444
_LONGEST_STALL = 5.0  # seconds; allows for TCP's retransmission, which does not break a connection


def _policy(name, first):
  ports = [_TRANSFER_PORT, *range(first, first + 2 * (_MAPPINGS - 1), 2)]
  return policies.policy(name, name, "port_mappings:\n" + policies.many(ports))


def _groups(chosen, other):
  return policies.group(chosen, "role", "web") + policies.group(other, "role", "nobody")


class NoGap(case.FleetCase):
  ALONE = True

  def test_revisions_that_replace_10000_mappings_let_nothing_through(self):
    host = self.node("web1")
    listener = self.fleet.listen("web1", f"tcp/{_TRANSFER_PORT}", f"tcp/{_UNMAPPED_PORT}")
    flood = self.fleet.traffic(
        self.fleet.outsider, "flood", _UNMAPPED_PORT, *host.addresses())
    unprotected = fleets.report(flood)
    while not unprotected["succeeded"]:  # until the flood has shown that it detects an open port
      unprotected = fleets.report(flood)

    self.fleet.apply(
        _groups("even", "odd") + _policy("even", 20_000) + _policy("odd", 20_001))
    # Connections under way may end; from here on none may begin.
    transfer = self.fleet.traffic(
        self.fleet.outsider, "transfer", host.ipv4(), _TRANSFER_PORT)
    settled = fleets.report(listener)[f"tcp/{_UNMAPPED_PORT}"]
    while (again := fleets.report(listener)[f"tcp/{_UNMAPPED_PORT}"]) != settled:
      settled = again
    attempts = fleets.report(flood)["attempts"]

    files = [self.fleet.write(_groups("odd", "even")), self.fleet.write(_groups("even", "odd"))]
    first = self.fleet.revision()
    begun = time.monotonic()
    for i in range(_REVISIONS):
      # JSON leaves out the summary of packets, which is for people and takes longer than the
      # change.
      self.fleet.cli("apply", "-f", files[i % 2], "--wait", "--timeout", "60s", "-o", "json",
                     check=0)
    seconds = time.monotonic() - begun
    self.assertEqual(self.fleet.revision(), first + _REVISIONS)
    self.assertEqual(int(self.fleet.status("web1")["revision"]), first + _REVISIONS)

    accepted = fleets.report(listener)[f"tcp/{_UNMAPPED_PORT}"] - settled
    attempted = fleets.report(flood)["attempts"] - attempts
    moved = fleets.report(transfer)
    print(f"           {_REVISIONS} revisions in {seconds:.0f} s, {attempted} connections "
          f"attempted, {moved['echoed'] >> 20} MiB echoed, longest stall "
          f"{moved['longest_stall']} s")
    self.assertEqual(accepted, 0)
    self.assertGreater(attempted, 100 * _REVISIONS)
    self.assertIsNone(moved["broken"])
    self.assertGreater(moved["echoed"], 0)
    self.assertLess(moved["longest_stall"], _LONGEST_STALL)
