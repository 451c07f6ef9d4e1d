# SPDX-License-Identifier: Apache-2.0
"""A host says what its rules do with a packet, and the rules do exactly that."""

import json

from harness import case
from harness import policies

_POLICY = policies.policy("base", "all", policies.opened("tcp/22") + "icmp: [echo-request]\n")


class Trace(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(_POLICY)

  def trace(self, *packet):
    """Returns what web1 answers, after a check that it says the same on its own socket."""
    relayed = self.fleet.json("host", "trace", "web1", *packet)
    local = json.loads(
        self.fleet.local("web1", "trace", *packet, "-o", "json", check=0).stdout)
    self.assertEqual(relayed, local)
    return relayed[0] if isinstance(relayed, list) else relayed

  def incoming(self, protocol, port=None):
    to = self.node("web1").ipv4() + (f":{port}" if port else "")
    return self.trace("--in", "eth0", "--proto", protocol, "--from", "10.77.0.200", "--to", to)

  def test_what_is_mapped_and_by_whom(self):
    found = self.incoming("tcp", 22)
    self.assertEqual(found["verdict"], "accept", found)
    self.assertEqual(found["policy"], "base", found)
    self.assertIn("22", found["mapping"], found)

  def test_what_is_not_and_why(self):
    found = self.incoming("tcp", 23)
    self.assertEqual(found["verdict"], "drop", found)
    self.assertEqual(found["reason"], "unsolicited", found)

  def test_icmp_by_its_option(self):
    self.assertEqual(self.incoming("icmp")["verdict"], "accept")

  def test_a_source_that_is_not_the_hosts_own_does_not_leave(self):
    found = self.trace("--out", "eth0", "--proto", "udp", "--from", "192.0.2.1", "--to",
                       "10.77.0.200:53")
    self.assertEqual(found["verdict"], "drop", found)
    self.assertEqual(found["reason"], "spoofed", found)
