# SPDX-License-Identifier: Apache-2.0
"""The kernel's table of connections is full, which is told."""

import socket

from harness import case
from harness import policies
from harness import process

_PORTS = 65_535


class FlowTable(case.FleetCase):
  # It takes a table of its own in the kernel, as every namespace has, and some 100 MiB.
  HOSTS = {"web1": {}}

  def test_a_full_table_is_told_with_its_limit(self):
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))
    node, outsider = self.node("web1"), self.fleet.outsider
    limit = int(node.run("sysctl", "-n", "net.netfilter.nf_conntrack_max").stdout)
    self.assertNotIn("flow_table", self.fleet.status("web1").get("facts", {}))

    def fill():
      for _ in range(limit // _PORTS + 2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
          for port in range(1, _PORTS + 1):
            try:
              sender.sendto(b"", (outsider.ipv4(), port))
            except OSError:
              pass  # there was no room, or an error came back
    node.inside(fill)

    status = self.fleet.wait_status(
        "web1", lambda one: one["facts"].get("flow_table", {}).get("full"), "tells of it")
    table = status["facts"]["flow_table"]
    self.assertEqual(int(table["limit"]), limit)
    self.assertGreater(int(table.get("dropped", 0)) + int(table.get("evicted", 0)), 0)
    self.assertIn("the table of connections is full",
                  self.fleet.cli("host", "status", "web1", check=0).stdout)
    process.wait_until(
        lambda: [row for row in self.fleet.audit() if row["action"] == "flow table full"],
        "the trail has it")
