# SPDX-License-Identifier: Apache-2.0
"""A plan says which packets a change treats differently, and real packets agree."""

import json

from harness import case
from harness import policies
from harness import probe
from harness import process


class Plans(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}, "db1": {"role": "db"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for host in cls.HOSTS:
      cls.fleet.listen(host, "tcp/80-82")
    cls.fleet.apply(cls.configuration("tcp/80"))

  @staticmethod
  def configuration(*ports, groups="web"):
    return (policies.group("web", "role", "web") + policies.group("db", "role", "db") +
            policies.policy("subject", groups, policies.opened(*ports)))

  def opened(self, host):
    address = self.node(host).ipv4()
    states = probe.tcp(self.fleet.outsider, [(address, port) for port in (80, 81, 82)])
    return {port for (_, port), state in states.items() if state == "open"}

  def plan(self, *arguments, check=5):
    return json.loads(self.fleet.cli("plan", *arguments, "-o", "json", check=check).stdout)

  def test_what_is_told_is_what_packets_meet(self):
    changed = self.fleet.write(self.configuration("tcp/81", "tcp/82"))
    plan = self.plan("-f", changed)
    self.assertEqual([group["hosts"] for group in plan["groups"]], [["web1", "web2"]])
    told = {}
    for difference in plan["groups"][0]["differences"]:
      for packets in difference["packets"]:
        self.assertTrue(packets["witness"]["confirmed"], packets)
        self.assertEqual(packets["direction"], "in")
        for traffic in packets["traffic"]:
          told[traffic] = packets["change"]
    self.assertEqual(told, {"tcp/80": "closed", "tcp/81": "opened", "tcp/82": "opened"})

    # Nothing has changed yet; after the apply, exactly the planned packets are treated differently.
    before = self.fleet.revision()
    self.assertEqual(self.opened("web1"), {80})
    try:
      self.fleet.cli("apply", "--plan", plan["id"], "-f", changed, "--wait", check=0)
      self.assertEqual(self.fleet.revision(), before + 1)
      self.assertEqual((self.opened("web1"), self.opened("web2")), ({81, 82}, {81, 82}))
    finally:
      self.fleet.apply(self.configuration("tcp/80"))

  def test_a_plan_of_another_change_or_another_state_is_refused(self):
    changed = self.fleet.write(self.configuration("tcp/81"))
    plan = self.plan("-f", changed)
    other = self.fleet.write(self.configuration("tcp/82"))
    before = self.fleet.revision()
    refused = self.fleet.cli("apply", "--plan", plan["id"], "-f", other, check=1)
    self.assertIn(plan["id"], refused.stderr)
    self.assertEqual(self.fleet.revision(), before)
    try:
      self.fleet.apply(self.configuration("tcp/80", "tcp/82"))
      refused = self.fleet.cli("apply", "--plan", plan["id"], "-f", changed, check=1)
      self.assertIn("firebreak plan", refused.stderr)
    finally:
      self.fleet.apply(self.configuration("tcp/80"))

  def test_exit_status_says_whether_something_changes_and_what(self):
    same = self.fleet.write(self.configuration("tcp/80"))
    self.assertIn("no packet", self.fleet.cli("plan", "-f", same, check=0).stdout)
    more = self.fleet.write(self.configuration("tcp/80", "tcp/81"))
    shown = self.fleet.cli("plan", "-f", more, check=5).stdout
    self.assertIn("opened", shown)
    self.assertIn("tcp/81", shown)
    self.assertIn(f"{more}:", shown)
    self.fleet.cli("plan", "-f", more, "--fail-on", "closed", check=0)
    self.fleet.cli("plan", "-f", more, "--fail-on", "closed,opened", check=5)
    self.assertIn("| **opened** |", self.fleet.cli("plan", "-f", more, "--markdown", check=5).stdout)

  def test_a_label_that_a_host_would_have_is_planned_without_a_file(self):
    plan = self.plan("--label", "web1:role=db")
    self.assertEqual([group["hosts"] for group in plan["groups"]], [["web1"]])
    self.fleet.cli("plan", "--label", "nobody:role=db", check=1)

  def test_without_a_controller_two_directories_are_compared(self):
    before = self.fleet.write(self.configuration("tcp/80"))
    after = self.fleet.write(self.configuration("tcp/80", "tcp/82"))
    arguments = ["plan", "--from", before, "-f", after]
    shown = self.fleet.cli(*arguments, check=5).stdout
    self.assertIn("with role=web", shown)
    self.assertIn("tcp/82", shown)
    hosts = self.fleet.write(self.fleet.cli("host", "list", "-o", "json", check=0).stdout)
    shown = self.fleet.cli(*arguments, "--hosts", hosts, check=5).stdout
    self.assertIn("2 hosts: web1, web2", shown)

  def test_live_flows_and_the_log_say_whom_it_meets(self):
    address = self.node("web1").ipv4()
    changed = self.fleet.write(self.configuration("tcp/81"))
    self.fleet.apply(policies.policy("log", "all", "logging: {dropped: true, connections: true}\n"))
    transfer = self.fleet.traffic(self.fleet.outsider, "transfer", address, "80")
    try:
      plan = self.plan("-f", changed, "--fail-on", "live")
      flows = plan["evidence"]["flows"]
      self.assertIn(("web1", "in", "tcp/80"),
                    {(flow["host"], flow["direction"], flow["service"]) for flow in flows})
      self.assertEqual(plan["evidence"].get("not_answered", []), [])
      self.assertIn("live flow", self.fleet.cli("plan", "-f", changed, check=5).stdout)
    finally:
      transfer.close()
    probe.tcp(self.fleet.outsider, [(address, 81)])
    process.wait_until(lambda: "DROP" in self.fleet.cli("logs", "--port", "81").stdout and
                       "OPEN-INBOUND" in self.fleet.cli("logs", "--port", "80").stdout,
                       "the log has both")
    evidence = self.plan("-f", changed)["evidence"]
    self.assertIn("tcp/80", [traffic["service"] for traffic in evidence["closed"]])
    self.assertIn("tcp/81", [traffic["service"] for traffic in evidence["opened"]])
    suggested = self.fleet.cli("suggest", "--group", "web", "--least", "1", check=0).stdout
    self.assertIn('ports: "81"', suggested)
    self.assertNotIn('ports: "80"', suggested)
    self.fleet.cli("plan", "-f", self.fleet.write(suggested), check=5)
    # Once nobody uses it any more, nobody is cut.
    process.wait_until(lambda: self.fleet.cli("plan", "-f", changed, "--fail-on", "live")
                       .returncode == 0, "no live flow is left")
