"""A host's certificate is renewed by itself at half its life."""

import glob
import os
import subprocess
import time

from harness import case
from harness import policies
from harness import process

_LIFETIME = 12  # seconds


class Renewal(case.FleetCase):
  OPTIONS = {"controller_flags": ["--host-certificate-lifetime", f"{_LIFETIME}s"]}

  def certificate(self):
    """The newest certificate of the host that the agent keeps."""
    serials = []
    directory = self.fleet.hosts["web1"].state_directory
    for path in glob.glob(os.path.join(directory, "**"), recursive=True):
      if os.path.isfile(path):
        with open(path, "rb") as content:
          data = content.read()
        if b"BEGIN CERTIFICATE-----" in data:
          shown = subprocess.run(
              ["openssl", "x509", "-noout", "-serial", "-ext", "subjectAltName"], input=data,
              capture_output=True, check=True).stdout.decode()
          if "firebreak://host/web1" in shown:
            serials.append(shown.splitlines()[0])
    return serials

  def test_it_outlives_its_first_certificates(self):
    first = self.certificate()
    self.assertTrue(first)
    begun = time.monotonic()
    second = process.wait_until(
        lambda: (now := self.certificate()) != first and now, _LIFETIME, "a new certificate")
    process.wait_until(lambda: self.certificate() != second, 2 * _LIFETIME, "and another")
    self.assertLess(time.monotonic() - begun, 2 * _LIFETIME)
    # The first is past its end by now. A new connection needs one that is not.
    process.wait_until(lambda: time.monotonic() - begun > _LIFETIME, 2 * _LIFETIME, "its end")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))
    self.fleet.hosts["web1"].agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.assertEqual(self.fleet.status("web1")["rollout"], "applied")
