# SPDX-License-Identifier: Apache-2.0
"""Agents that stop and start again, and hosts that boot."""

import glob
import json
import os

from harness import case
from harness import fleet as fleets
from harness import netfilter
from harness import policies
from harness import probe
from harness import process


class Restart(case.FleetCase):
  OPTIONS = {"bystanders": ("spare",)}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"]
    cls.fleet.listen("web1", "tcp/80-81")
    ports = range(20_000, 24_000, 2)
    cls.fleet.apply(policies.policy(
        "subject", "all", "port_mappings:\n" + policies.many([80, *ports])))

  def states(self):
    seen = set()
    for address in self.host.node.addresses():
      found = probe.tcp(self.fleet.outsider, [(address, 80), (address, 81)])
      seen.add(tuple(found.values()))
    return seen

  def test_a_restart_finds_the_rules_and_changes_nothing(self):
    before = netfilter.ruleset(self.host.node)
    monitor = netfilter.Monitor(self.host.node, self.fleet.directory)
    self.addCleanup(monitor.close)
    self.host.agent.kill()
    self.assertEqual(self.states(), {("open", "filtered")})
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.assertEqual(monitor.changes(), [])
    self.assertEqual(netfilter.ruleset(self.host.node), before)
    self.assertEqual(self.fleet.status("web1")["receipt"].get("changes", 0), 0)

  def test_a_host_in_sync_knows_that_it_is_connected_after_the_controllers_restart(self):
    self.fleet.controller.kill()
    process.wait_until(
        lambda: not json.loads(self.fleet.local("web1", "status", "-o", "json").stdout).get(
            "connected"), "the host knows that the controller is gone")
    self.fleet.start_controller()
    self.fleet.wait_online("web1")
    process.wait_until(
        lambda: json.loads(self.fleet.local("web1", "status", "-o", "json").stdout).get(
            "connected"), "the host knows that it is connected")

  def test_after_a_reboot_the_cached_policy_is_enforced_without_the_controller(self):
    self.host.agent.kill()
    self.fleet.controller.kill()
    self.host.node.run("nft", "delete table " + " ".join(netfilter.TABLE))
    self.assertEqual(self.states(), {("open", "open")})
    monitor = netfilter.Monitor(self.host.node, self.fleet.directory)
    self.addCleanup(monitor.close)
    self.fleet.start_agent("web1")
    netfilter.wait_for_change(monitor)
    self.assertEqual(self.states(), {("open", "filtered")})
    self.fleet.start_controller()
    self.fleet.wait_online("web1")

  def test_at_boot_the_rules_stand_before_any_link_is_up(self):
    node = self.host.node
    before = netfilter.rules(node)
    self.host.agent.kill()
    self.fleet.controller.kill()
    for table in ("inet firebreak", "netdev firebreak"):
      node.run("nft", f"delete table {table}", check=False)
    self.assertEqual(netfilter.rules(node), ({}, []))
    for link in ("lo", "eth0"):
      node.run("ip", "link", "set", link, "down")
    node.run(fleets.program("firebreak-agent"), "--boot", "--state-dir", self.host.state_directory)
    self.assertEqual(netfilter.rules(node), before)
    for link in ("lo", "eth0"):
      node.run("ip", "link", "set", link, "up")
    node.run("ip", "address", "replace", f"{node.ipv6()}/64", "dev", "eth0", "nodad")
    self.assertEqual(self.states(), {("open", "filtered")})
    self.fleet.start_controller()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.assertEqual(netfilter.rules(node), before)

  def test_at_boot_without_a_policy_nothing_is_done(self):
    empty = self.fleet.path("state-empty")
    nowhere = self.fleet.bystanders["spare"]
    nowhere.run(fleets.program("firebreak-agent"), "--boot", "--state-dir", empty)
    self.assertFalse(netfilter.has_table(nowhere))

  def test_a_damaged_cache_is_noticed_and_fetched_anew(self):
    self.host.agent.kill()
    for path in self.caches():
      with open(path, "r+b") as cache:
        cache.seek(os.path.getsize(path) // 2)
        cache.write(b"\xff\x00\xff")
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.fleet.wait_status("web1", lambda one: one["rollout"] == "applied", "is applied")
    self.assertEqual(self.states(), {("open", "filtered")})

  def test_a_damaged_cache_does_not_open_the_host_without_the_controller(self):
    self.host.agent.kill()
    self.fleet.controller.kill()
    for path in self.caches():
      os.truncate(path, os.path.getsize(path) // 2)
    agent = self.fleet.start_agent("web1")
    agent.wait_for_line("(?i)checksum|damaged|cut short")
    self.assertEqual(self.states(), {("open", "filtered")})
    self.fleet.start_controller()
    self.fleet.wait_online("web1")

  def caches(self):
    """The files of the state directory that hold a policy; they are large and contain no keys."""
    paths = [path for path in glob.glob(os.path.join(self.host.state_directory, "**"),
                                        recursive=True)
             if os.path.isfile(path) and os.path.getsize(path) > 20_000]
    self.assertTrue(paths)
    return paths
