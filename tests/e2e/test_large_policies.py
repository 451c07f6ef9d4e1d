# SPDX-License-Identifier: Apache-2.0
"""The size of the compiled rules is estimated before a policy is accepted."""

import socket

from harness import case
from harness import policies
from harness import probe


def _staircase(mappings):
  """Mappings whose ranges of ports overlap like stairs; each has two prefixes."""
  lines = []
  for i in range(mappings):
    prefixes = [f"10.{half + (i >> 8)}.{i & 255}.0/24" for half in (0, 128)]
    lines.append(policies.mapping("tcp", f"{1000 + i}-{30000 + i}",
                                  **{"from": f"[{', '.join(prefixes)}]"}))
  return "port_mappings:\n" + "".join(lines)


def _prefixes(first, last):
  return ", ".join(f"10.{i >> 8}.{i & 255}.0/25" for i in range(first, last))


class LargePolicies(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.address = cls.node(cls, "web1").ipv4()
    cls.fleet.listen("web1", "tcp/80", "tcp/81", "tcp/82", "tcp/90")

  def test_a_small_file_that_would_become_millions_of_rules_is_refused(self):
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/90")))
    for mappings in (1000, 3000):
      self.assert_refused(policies.policy("subject", "all", _staircase(mappings)),
                          'policy "subject", mapping ".*overlap in too many ways')
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.address, 90), "open")
    self.assertEqual(self.fleet.status("web1")["state"], "online")

  def test_thousands_of_limits_for_each_source_are_refused(self):
    """Each has lists of its own, which strangers fill."""
    limited = "".join(policies.mapping("tcp", 10_000 + i, limit="{rate: 10/second, per: source}")
                      for i in range(1100))
    self.assert_refused(policies.policy("subject", "all", "port_mappings:\n" + limited),
                        'policy "subject", mapping ".*limit for each source')

  def test_long_lists_of_addresses_for_several_services(self):
    lists = [_prefixes(0, 10_000), _prefixes(10_000, 20_000)]
    body = "port_mappings:\n" + "".join(
        "".join(policies.mapping("tcp", port, action="block", **{"from": f"[{one}]"})
                for one in lists)
        + policies.mapping("tcp", port) for port in (80, 81, 82))
    self.fleet.apply(policies.policy("subject", "all", body))
    self.assertEqual(
        probe.tcp(self.fleet.outsider, [(self.address, 80), (self.address, 82),
                                        (self.address, 90)]),
        {(self.address, 80): "open", (self.address, 82): "open", (self.address, 90): "filtered"})
    outsider = self.fleet.outsider
    blocked = "10.77.0.120"  # an address in one of the prefixes
    outsider.run("ip", "address", "add", f"{blocked}/24", "dev", "eth0")
    self.addCleanup(outsider.run, "ip", "address", "delete", f"{blocked}/24", "dev", "eth0")
    with self.assertRaises(TimeoutError):
      outsider.inside(lambda: socket.create_connection(
          (self.address, 80), timeout=1.3, source_address=(blocked, 0)))
