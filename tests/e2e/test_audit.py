# SPDX-License-Identifier: Apache-2.0
"""The audit trail says who did what, and no row can be removed unnoticed."""

import contextlib
import os
import sqlite3

from harness import case
from harness import fleet as fleets
from harness import grpc_call
from harness import policies
from harness import process

# The contents of a row whose old refused attempt was deleted.
_DROPPED = "actor = '', peer = '', action = '', object = '', detail = '', dropped = 1"


class Audit(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for port in range(80, 90):
      cls.fleet.cli("apply", "-f", cls.fleet.write(
          policies.policy("base", "all", policies.opened(f"tcp/{port}"))), check=0)
    cls.fleet.cli("apply", "-f", cls.fleet.write("kind: Policy\nname: bad\nnonsense: 1\n"), check=3)

  def database(self):
    return os.path.join(self.fleet.controller_directory, "firebreak.db")

  def anchor(self, name):
    return self.fleet.path(f"anchor-{name}")

  def verify(self, name, check=0):
    return self.fleet.cli("audit", "verify", "--anchor", self.anchor(name), check=check)

  @contextlib.contextmanager
  def damaged(self, *statements):
    """Runs `statements` on the controller's database, behind the controller's back.

    Removes the high-water mark too, as a forger must do, because the controller would not start
    otherwise.
    """
    self.fleet.controller.stop()
    with open(self.database() + ".mark", "rb") as source:
      mark = source.read()
    os.unlink(self.database() + ".mark")
    triggers = []
    with contextlib.closing(sqlite3.connect(self.database(), isolation_level=None)) as database:
      backup = sqlite3.connect(":memory:")
      database.backup(backup)
      for name, sql in database.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'"):
        triggers.append(sql)
        database.execute(f"DROP TRIGGER {name}")
      for statement in statements:
        database.execute(statement)
      for sql in triggers:
        database.execute(sql)
    self.fleet.start_controller()
    try:
      yield
    finally:
      self.fleet.controller.stop()
      with contextlib.closing(sqlite3.connect(self.database())) as database:
        backup.backup(database)
      with open(self.database() + ".mark", "wb") as target:
        target.write(mark)
      self.fleet.start_controller()

  def test_who_did_what(self):
    rows = self.fleet.json("audit")
    applied = [row for row in rows if row["action"] == "apply" and row["result"] == "done"]
    self.assertGreaterEqual(len(applied), 10)
    self.assertEqual(applied[0]["actor"], "admin/admin")
    self.assertIn(self.fleet.controller_node.ipv4(), applied[0]["peer"])
    enrolled, = [row for row in self.fleet.json("audit", "--host", "web1")
                 if row["action"] == "enrol"]
    self.assertEqual(enrolled["result"], "done")
    self.assertEqual(len(self.fleet.json("audit", "-n", "3")), 3)
    self.assertEqual(self.fleet.json("audit", "--since", "2199-01-01T00:00:00Z"), [])
    self.assertEqual(self.fleet.json("audit", "--actor", "nobody"), [])
    table = self.fleet.cli("audit", check=0).stdout
    self.assertRegex(table, r"admin/admin .* apply .* done")

  def test_each_row_as_it_comes(self):
    following = self.fleet.spawn("audit-f", self.fleet.controller_node.command(
        fleets.program("firebreak"), "--context", self.fleet.context, "audit", "-f", "-n", "1"))
    following.wait_for_line("apply|create|enrol")
    self.fleet.cli("token", "create", check=0)
    following.wait_for_line("create token")
    # The follower waits for a controller that goes and comes back, and shows no row twice.
    shown = len(following.lines())
    self.fleet.controller.kill()
    following.wait_for_line("the connection to the controller is lost; the output continues")
    self.fleet.start_controller()
    self.fleet.cli("token", "create", check=0)
    following.wait_for_line("create token", shown)
    self.assertEqual([line for line in following.lines()[shown:] if "create token" in line],
                     following.lines()[-1:])

  def test_nobody_is_followed_where_there_is_no_controller(self):
    self.fleet.controller.stop()
    self.addCleanup(self.fleet.start_controller)
    for verb in ("audit", "logs"):
      self.assertIn("firebreak:", self.fleet.cli(verb, "-f", check=4, timeout=30).stderr)

  def test_a_whole_trail_is_proven_and_remembered(self):
    first = self.verify("whole")
    self.assertRegex(first.stdout, r"whole +\d+ rows")
    self.fleet.cli("token", "create", check=0)
    self.assertRegex(self.verify("whole").stdout,
                     r"row \d+ has not changed since the last verification")

  def test_every_change_is_seen(self):
    for name, statement, reason in (
        ("taken out", "DELETE FROM audit WHERE seq = 5", r"row 5 is missing"),
        ("changed", "UPDATE audit SET actor = 'admin/else' WHERE seq = 5",
         r"row 5 has been changed"),
        ("hidden", "UPDATE audit SET dropped = 1, actor = '' WHERE seq = 5",
         r"row 5 is gone, and it is no refused attempt"),
        ("hidden as a refusal", f"UPDATE audit SET {_DROPPED}, result = 'refused' WHERE seq = 5",
         r"row 5, whose text is gone, does not follow"),
    ):
      with self.subTest(name), self.damaged(statement):
        self.assertRegex(self.verify("x", check=1).stderr, reason)

  def test_a_dropped_refusal_keeps_its_place_and_its_time(self):
    grpc_call.call(self.fleet, "firebreak.v1.Admin/ListHosts")
    refused = process.wait_until(
        lambda: [row["number"] for row in self.fleet.json("audit") if row["result"] == "refused"],
        "the audit trail has a refusal")[0]
    drop = f"UPDATE audit SET {_DROPPED} WHERE seq = {refused}"
    with self.damaged(drop):
      self.assertRegex(self.verify("dropped").stdout, r"dropped +the texts of 1 ")
    for change in ("at = at - 1000000", "result = 'done'", "actor = 'admin/else'"):
      with self.subTest(change), self.damaged(
          drop, f"UPDATE audit SET {change} WHERE seq = {refused}"):
        self.assertRegex(self.verify("x", check=1).stderr, rf"row {refused}\b")

  def test_an_end_that_is_cut_off_is_seen_by_the_seals_and_by_the_anchor(self):
    self.verify("cut")
    last = int(self.fleet.json("audit", "-n", "1")[0]["number"])
    with self.damaged(f"DELETE FROM audit WHERE seq > {last - 2}"):
      # The controller reports the change when it starts, because it sealed the end of the trail
      # when it stopped.
      self.fleet.controller.wait_for_line("the database was changed")
      self.assertRegex(self.verify("other", check=1).stderr, "the seal of the controller")
    with self.damaged(f"DELETE FROM audit WHERE seq > {last - 2}", "DELETE FROM audit_heads"):
      self.assertRegex(self.verify("cut", check=1).stderr, "the anchor of the last verification")
      # A machine that never saw the trail's end cannot detect the change.
      self.verify("stranger")
