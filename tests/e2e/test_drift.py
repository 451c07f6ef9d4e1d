# SPDX-License-Identifier: Apache-2.0
"""What other programs do to Firebreak's table while the agent watches it."""

from harness import case
from harness import locations
from harness import netfilter
from harness import policies
from harness import probe
from harness import process

_SABOTAGE = (
    "flush ruleset",
    "delete table inet firebreak",
    "flush chain inet firebreak input",
    "insert rule inet firebreak input accept",
    "add element inet firebreak in/elsewhere/ports { tcp . 81 : accept }",
    "delete element inet firebreak in/elsewhere/ports { tcp . 80 }",
    "add chain inet firebreak stray { type filter hook input priority -5; }",
)


class Drift(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"]
    cls.fleet.listen("web1", "tcp/80-81")
    cls.fleet.apply(policies.policy(
        "subject", "all", "port_mappings:\n" + policies.many([80, *range(20_000, 30_000)])))

  def states(self):
    address = self.host.node.addresses()[0]
    return tuple(probe.tcp(self.fleet.outsider, [(address, 80), (address, 81)]).values())

  def test_a_foreign_change_is_undone_at_once(self):
    before = _content(self.host.node)
    for sabotage in _SABOTAGE:
      with self.subTest(sabotage):
        mark = self.host.agent.mark()
        self.host.node.run("nft", sabotage)
        self.host.agent.wait_for_line("changed Firebreak's rules: .*; undone with", after=mark)
        self.assertEqual(_content(self.host.node), before)
        self.assertEqual(self.states(), ("open", "filtered"))

  def test_nobody_else_says_where_an_interface_is(self):
    # No beacon is at this address.
    corp = locations.Location(self.fleet, "corp", ["192.0.2.1:7444"])
    self.fleet.apply(corp.text + policies.policy(
        "at-corp", "all", 'locations: [corp]\nfirewall: "off"\n', priority=10))
    self.assertEqual(self.states(), ("open", "filtered"))
    for element in ("eth0", "eth0 timeout 1h"):
      with self.subTest(element):
        mark = self.host.agent.mark()
        self.host.node.run("nft", f"add element inet firebreak at/corp {{ {element} }}")
        self.host.agent.wait_for_line("element added to set at/corp; undone with", after=mark)
        self.assertEqual(self.states(), ("open", "filtered"))

  def test_the_controller_is_told_by_whom_and_how_often(self):
    before = int(self.fleet.status("web1")["facts"].get("drift", {}).get("times", 0))
    self.host.node.run("nft", "insert rule inet firebreak input tcp dport 81 accept")
    status = self.fleet.wait_status(
        "web1", lambda status: int(status["facts"].get("drift", {}).get("times", 0)) > before,
        "tells of the change")
    drift = status["facts"]["drift"]
    self.assertEqual(drift["changed"], ["rule added to chain input"])
    self.assertEqual(drift["program"], "nft")
    self.assertGreater(int(drift["undone_micros"]), 0)
    self.assertRegex(self.fleet.cli("host", "status", "web1", check=0).stdout,
                     r"Changed +\d+ times? by others, last .* by nft, process \d+\n"
                     r" +rule added to chain input\n +undone after")
    process.wait_until(
        lambda: [row for row in self.fleet.audit() if row["action"] == "drift"],
        "the change is in the audit trail")
    row = [row for row in self.fleet.audit() if row["action"] == "drift"][0]
    self.assertEqual((row["actor"], row["result"]), ("host/web1", "undone"))

  def test_changes_of_other_tables_are_none_of_its_business(self):
    mark = self.host.agent.mark()
    monitor = netfilter.Monitor(self.host.node, self.fleet.directory)
    self.addCleanup(monitor.close)
    self.host.node.run("nft", "add table ip other; add chain ip other c; delete table ip other")
    changes = monitor.changes()
    self.assertTrue(changes)
    self.assertFalse([line for line in changes if "firebreak" in line], changes)
    self.assertFalse([line for line in self.host.agent.lines()[mark:] if "undone" in line])


def _content(node):
  """The table without handles, because rules that were put back have new ones."""
  def bare(value):
    if isinstance(value, dict):
      return {key: bare(item) for key, item in value.items() if key != "handle"}
    if isinstance(value, list):
      return sorted((bare(item) for item in value), key=repr)
    return value
  return bare(netfilter.ruleset(node))
