# SPDX-License-Identifier: Apache-2.0
"""Hosts with the same policies get the same bytes; a small change causes a small transaction."""

import base64
import os

from harness import case
from harness import netfilter
from harness import policies
from harness import probe

_PORTS = range(20_000, 40_000, 2)


def _policy(*more_ports, without=()):
  ports = [port for port in (*_PORTS, *more_ports) if port not in without]
  return policies.policy("subject", "web", "port_mappings:\n" + policies.many(ports))


class Sharing(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}, "db1": {"role": "db"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(policies.group("web", "role", "web") + _policy() +
                    policies.policy("other", "all", "firewall: on"))

  def test_two_hosts_with_the_same_policies_receive_identical_bytes(self):
    receipts = {name: self.fleet.status(name)["receipt"] for name in self.HOSTS}
    digest = receipts["web1"]["policy_digest"]
    self.assertEqual(len(base64.b64decode(digest)), 32)
    self.assertEqual(receipts["web2"]["policy_digest"], digest)
    self.assertNotEqual(receipts["db1"]["policy_digest"], digest)
    self.assertEqual(receipts["web1"]["ruleset_digest"], receipts["web2"]["ruleset_digest"])
    kept = {name: self.kept(name) for name in self.HOSTS}
    self.assertGreater(len(kept["web1"]), 10 * len(_PORTS))
    self.assertEqual(kept["web1"], kept["web2"])
    self.assertNotEqual(kept["web1"], kept["db1"])

  def kept(self, name):
    """The push as the host received and stored it."""
    with open(os.path.join(self.fleet.hosts[name].state_directory, "policy"), "rb") as content:
      return content.read()

  def test_one_mapping_added_to_10000_sends_one_element(self):
    monitors = {name: netfilter.Monitor(self.node(name), self.fleet.directory)
                for name in self.HOSTS}
    for monitor in monitors.values():
      self.addCleanup(monitor.close)

    self.fleet.apply(_policy(10_001))
    self.assert_one_element(monitors, "(add|create)")
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.node("web1").ipv4(), 10_001), "closed")

    self.fleet.apply(_policy())
    self.assert_one_element(monitors, "delete")
    self.assertEqual(
        probe.tcp_one(self.fleet.outsider, self.node("web1").ipv4(), 10_001), "filtered")

  def assert_one_element(self, monitors, verb):
    for name in ("web1", "web2"):
      changes = monitors[name].changes()
      self.assertEqual(len(changes), 1, changes[:5])
      self.assertRegex(changes[0], rf"^{verb} element inet firebreak \S+ \{{[^,]*10001[^,]*\}}$")
      self.assertEqual(self.fleet.status(name)["receipt"]["changes"], 1)
    self.assertEqual(monitors["db1"].changes(), [])
    wanted = self.fleet.revision()
    status = self.fleet.wait_status(
        "db1", lambda one: int(one["revision"]) == wanted, "has the revision")
    self.assertEqual(status["receipt"].get("changes", 0), 0)
