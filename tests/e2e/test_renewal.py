# SPDX-License-Identifier: Apache-2.0
"""A host renews its certificate itself at half of the certificate's lifetime."""

import time

from harness import case
from harness import identity
from harness import policies
from harness import process

_LIFETIME = 16  # in seconds


class Renewal(case.FleetCase):
  OPTIONS = {"controller_flags": ["--host-certificate-lifetime", f"{_LIFETIME}s"]}

  def wait_for_another(self, certificate):
    """Waits for another certificate; returns (the certificate, when it came)."""
    host = self.fleet.hosts["web1"]

    def other():
      now, _ = identity.of_host(host)
      return now if now != certificate else None

    return process.wait_until(other, "a new certificate"), time.monotonic()

  def test_it_outlives_its_first_certificates(self):
    first, _ = identity.of_host(self.fleet.hosts["web1"])
    second, begun = self.wait_for_another(first)
    third, ended = self.wait_for_another(second)
    self.assertEqual(len({identity.describe(one) for one in (first, second, third)}), 3)
    # The renewal comes at about half of the lifetime, not at once and not at the last moment.
    self.assertGreater(ended - begun, 0.3 * _LIFETIME)
    self.assertLess(ended - begun, 0.8 * _LIFETIME)
    # The first two certificates have then expired, and a new connection needs a valid one.
    process.wait_until(lambda: time.monotonic() - begun > _LIFETIME, "their end")
    self.assertEqual(self.fleet.status("web1")["state"], "online")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))
    self.fleet.hosts["web1"].agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.assertEqual(self.fleet.status("web1")["rollout"], "applied")
