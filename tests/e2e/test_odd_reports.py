# SPDX-License-Identifier: Apache-2.0
"""A host that reports bytes that are not text, or too much, keeps its connection."""

import json
import os

from harness import case
from harness import policies
from harness import process

_ADDRESSES = 5_000


class OddReports(case.FleetCase):
  """The kernel accepts any bytes in interface names."""

  def assert_well(self):
    """Asserts that the host is online, and that a revision works completely."""
    self.fleet.wait_online("web1")
    self.fleet.apply(policies.group(f"at-{self.fleet.revision()}", "role", "none") +
                     policies.policy("subject", "all", policies.opened("tcp/80")))
    status = self.fleet.wait_status(
        "web1", lambda now: now["rollout"] == "applied", "has the newest revision")
    self.assertEqual(status["state"], "online")

  def interfaces(self):
    return {one["name"] for one in self.fleet.status("web1")["facts"]["interfaces"]}

  def test_an_interfaces_name_that_is_not_utf_8(self):
    host = self.fleet.hosts["web1"]
    name = os.fsdecode(b"caf\xe9")
    host.node.run("ip", "link", "add", "name", name, "type", "bridge")
    self.addCleanup(host.node.run, "ip", "link", "del", name)
    process.wait_until(lambda: "caf\\xe9" in self.interfaces(), "the controller has its name")
    self.assert_well()
    self.assertIn("caf\\xe9", self.fleet.cli("host", "interfaces", "web1", check=0).stdout)
    self.assertIn("caf\\xe9", self.fleet.local("web1", "interfaces", check=0).stdout)
    json.loads(self.fleet.local("web1", "status", "-o", "json", check=0).stdout)
    # The same holds if the interface exists when the agent starts.
    host.agent.kill()
    self.fleet.start_agent("web1")
    self.assert_well()

  def test_more_addresses_than_a_report_takes(self):
    host = self.fleet.hosts["web1"]
    batch = self.fleet.write("".join(
        f"address add 2001:db8:1234:5678:9abc:def0:1:{number:x}/128 dev lo nodad\n"
        for number in range(1, _ADDRESSES + 1)), ".batch")
    host.node.run("ip", "-6", "-batch", batch)
    self.addCleanup(host.node.run, "ip", "-6", "address", "flush", "dev", "lo", "scope", "global")
    self.fleet.wait_status(
        "web1", lambda now: "addresses" in now["facts"].get("left_out", ""), "tells what it cut")
    self.assert_well()
    self.assertIn("Left out", self.fleet.cli("host", "status", "web1", check=0).stdout)
    self.assertIn("eth0", self.interfaces())
