# SPDX-License-Identifier: Apache-2.0
"""nmap, with every kind of scan, learns only about mapped ports of a host, over IPv4 and IPv6."""

from harness import case
from harness import policies
from harness import probe

_PORTS = "78-82,443,8100"
_ODD_SCANS = ("-sF", "-sN", "-sX", "-sA", "-sM")  # scans by segments that begin no connection


class Scans(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.listen("web1", "tcp/80", "tcp/82", "udp/80", "udp/82")
    # Without a policy each scan is answered, so the policy is what makes the host silent later.
    for address in cls.node(cls, "web1").addresses():
      for scan in _ODD_SCANS:
        states = cls.states(address, scan)
        assert states & {"closed", "unfiltered"}, (scan, states)
    cls.fleet.apply(policies.policy("subject", "all", policies.opened(
        "tcp/80", "udp/80", "tcp/8100")))

  @classmethod
  def states(cls, address, *scan):
    found, others = probe.nmap(cls.fleet.outsider, address, *scan, "-p", _PORTS)
    return set(found.values()) | set(others)

  def test_a_syn_finds_what_is_mapped(self):
    for address in self.node("web1").addresses():
      with self.subTest(address=address):
        found, others = probe.nmap(self.fleet.outsider, address, "-sS", "-p", _PORTS)
        seen = {port: state for port, state in found.items() if state != "filtered"}
        self.assertEqual(seen, {80: "open", 8100: "closed"})
        self.assertLessEqual(set(others), {"filtered"})

  def test_udp_finds_what_is_mapped(self):
    for address in self.node("web1").addresses():
      with self.subTest(address=address):
        found, others = probe.nmap(self.fleet.outsider, address, "-sU", "-p", _PORTS)
        self.assertEqual({port for port, state in found.items() if state == "open"}, {80})
        self.assertLessEqual(set(found.values()) | set(others), {"open", "open|filtered"})

  def test_no_other_packet_is_answered_at_any_port(self):
    for address in self.node("web1").addresses():
      for scan in _ODD_SCANS:
        with self.subTest(address=address, scan=scan):
          self.assertLessEqual(self.states(address, scan), {"filtered", "open|filtered"})
