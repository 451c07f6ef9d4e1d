# SPDX-License-Identifier: Apache-2.0
"""Earlier revisions, backups, and what the controller does when it has lost revisions."""

import json
import os
import shutil

from harness import case
from harness import fleet as fleets
from harness import policies
from harness import process


def ports_of(policy):
  return [port for mapping in policy["port_mappings"] for port in mapping["ports"]]


class History(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  def apply(self, port, *flags):
    self.fleet.apply(policies.policy("base", "all", policies.opened(f"tcp/{port}")), *flags)
    return self.fleet.revision()

  def ports(self, *flags):
    return ports_of(self.fleet.json("get", "policy", "base", *flags))

  def test_an_earlier_revision_is_shown_compared_and_gone_back_to(self):
    first = self.apply(81)
    second = self.apply(82)
    self.assertEqual(self.ports("--revision", str(first)), ["81"])
    self.assertEqual(self.ports(), ["82"])
    difference = self.fleet.cli("diff", "--from", str(first), "--to", str(second), check=0).stdout
    self.assertRegex(difference, r"(?m)^-.*81")
    self.assertRegex(difference, r"(?m)^\+.*82")
    self.assertIn("concerns 1 host", difference)
    shown = self.fleet.cli("revision", "show", str(second), check=0).stdout
    self.assertRegex(shown, r"by +admin/admin from ")
    self.assertRegex(shown, r"(?m)^\+.*82")

    undone = self.fleet.cli("undo", "--wait", check=0).stdout
    self.assertIn(f"revision {second + 1}", undone)
    self.assertEqual(self.ports(), ["81"])
    newest = self.fleet.json("revisions", "-n", "1")[0]
    self.assertEqual(int(newest["number"]), second + 1)
    self.assertIn(f"back to revision {first}", newest["summary"])
    # The trail covers the revision's content.
    digest = bytes(newest["digest"], "ascii")
    self.assertTrue(digest)
    row = [row for row in self.fleet.audit() if row["object"] == f"revision {second + 1}"][-1]
    self.assertRegex(row["detail"], r"; sha256 [0-9a-f]{64}$")

    self.fleet.cli("undo", "--to", str(second), "--wait", check=0)
    self.assertEqual(self.ports(), ["82"])
    missing = self.fleet.cli("undo", "--to", "999", check=1)
    self.assertIn("there is no revision 999", missing.stderr)

  def test_two_who_edit_at_once_do_not_lose_each_others_change(self):
    revision = self.apply(83)
    text = self.fleet.cli("get", "policy", "base", "-o", "yaml", check=0).stdout
    self.assertIn(f"as of revision {revision};", text.splitlines()[0])
    file = self.fleet.write(policies.policy("base", "all", policies.opened("tcp/84")))
    self.fleet.cli("apply", "-f", file, "--if-revision", str(revision), check=0)
    refused = self.fleet.cli("apply", "-f", file, "--if-revision", str(revision), check=1)
    self.assertIn(f"the newest revision is {revision + 1}, not {revision}", refused.stderr)
    self.fleet.cli("undo", "--if-revision", str(revision), check=1)

  def test_what_is_gone_from_a_set_of_files_is_pruned(self):
    directory = self.fleet.path("set")
    os.makedirs(os.path.join(directory, "deep"))

    def write(name, group):
      with open(os.path.join(directory, name), "w", encoding="utf-8") as out:
        out.write(f"kind: Group\nname: {group}\nmatch: {{role: {group}}}\n")

    write("a.yaml", "set-a")
    write("deep/b.yaml", "set-b")
    write(".a.yaml", "no")
    applied = self.fleet.cli("apply", "-R", "-f", directory, "--set", "one", check=0)
    self.assertIn(".a.yaml: its name begins with a dot", applied.stderr)
    os.unlink(os.path.join(directory, "deep/b.yaml"))
    arguments = ("-R", "-f", directory, "--set", "one", "--prune")
    self.assertIn("1 deleted", self.fleet.cli("diff", *arguments, check=0).stdout)
    before = {self.key(one) for one in self.fleet.json("get", "all")}
    self.fleet.cli("apply", *arguments, check=0)
    after = {self.key(one) for one in self.fleet.json("get", "all")}
    self.assertEqual(before - after, {("Group", "set-b")})
    self.fleet.cli("apply", "-f", directory, "--prune", check=2)

  @staticmethod
  def key(resource):
    return resource["kind"], resource["name"]


class Loss(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  def controller(self, *arguments):
    return self.fleet.spawn("recovery", self.fleet.controller_node.command(
        fleets.program("firebreak-controller"), "--data-dir", self.fleet.controller_directory,
        *arguments))

  def apply(self, port):
    self.fleet.apply(policies.policy("base", "all", policies.opened(f"tcp/{port}")))
    return self.fleet.revision()

  def test_a_controller_that_went_back_stops_until_that_is_accepted(self):
    self.apply(81)
    self.fleet.controller.stop()
    snapshot = self.fleet.path("snapshot")
    shutil.copytree(self.fleet.controller_directory, snapshot)
    self.fleet.start_controller()
    self.fleet.wait_online("web1")
    newest = self.apply(82)
    # The whole directory is set back, as by a snapshot of a virtual machine.
    self.fleet.controller.stop()
    shutil.rmtree(self.fleet.controller_directory)
    shutil.copytree(snapshot, self.fleet.controller_directory)
    self.fleet.start_controller()
    self.fleet.wait_online("web1")

    said = f"host web1 has revision {newest}"
    process.wait_until(lambda: said in self.fleet.cli("version").stdout + self.fleet.cli(
        "version").stderr, "the loss is told")
    self.assertIn(said, self.fleet.cli("host", "list", check=0).stderr)
    self.assertIn(said, json.dumps(self.fleet.status("web1")))
    refused = self.fleet.cli("apply", "-f", self.fleet.write(
        policies.policy("base", "all", policies.opened("tcp/83"))), check=1)
    self.assertIn("restore --accept", refused.stderr)
    self.assertEqual(int(self.fleet.status("web1")["receipt"]["revision"]), newest)
    process.wait_until(
        lambda: [row for row in self.fleet.audit() if row["action"] == "witness"],
        "the trail tells of the loss")
    # The controller remembers the loss after a restart.
    self.fleet.controller.stop()
    self.fleet.start_controller()
    self.assertIn(said, self.fleet.cli("host", "list", check=0).stderr)

    self.fleet.controller.stop()
    self.assertEqual(self.controller("restore", "--accept").wait_for_end(), 0)
    self.fleet.start_controller()
    status = self.fleet.wait_status(
        "web1", lambda status: int(status["receipt"]["revision"]) == newest + 1,
        "it takes what was accepted")
    self.assertEqual(status["rollout"], "applied")
    self.assertEqual(ports_of(self.fleet.policy("base")), ["81"])
    self.assertEqual(self.apply(84), newest + 2)
    self.fleet.cli("audit", "verify", "--anchor", self.fleet.path("anchor"), check=0)

  def test_a_backup_is_taken_while_it_runs_and_put_back(self):
    revision = self.apply(85)
    file = self.fleet.path("backup")
    self.assertEqual(self.controller("backup", file).wait_for_end(), 0)
    self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
    self.fleet.cli("audit", "verify", "--anchor", self.fleet.path("anchor-backup"), check=0)
    self.apply(86)
    running = self.controller("restore", file)
    self.assertEqual(running.wait_for_end(), 1)
    self.assertRegex("\n".join(running.lines()), "another firebreak-controller")
    self.fleet.controller.stop()
    self.assertEqual(self.controller("restore", file).wait_for_end(), 0)
    self.fleet.start_controller()
    self.fleet.wait_status("web1", lambda status: status["rollout"] == "applied", "restored")
    self.assertEqual(ports_of(self.fleet.policy("base")), ["85"])
    self.assertEqual(self.fleet.revision(), revision + 2)
    # The trail that was verified before the restore is still part of the trail.
    self.fleet.cli("audit", "verify", "--anchor", self.fleet.path("anchor-backup"), check=0)

  def test_a_damaged_policy_is_not_followed(self):
    self.apply(80)
    self.fleet.controller.stop()
    database = os.path.join(self.fleet.controller_directory, "firebreak.db")
    with open(database, "rb") as source:
      data = source.read()
    place = data.find(b"\x02" + b"80")
    self.assertGreater(place, 0)
    with open(database, "r+b") as target:
      target.seek(place + 2)
      target.write(b"1")
    refused = self.fleet.spawn_controller()
    self.assertEqual(refused.wait_for_end(), 1)
    self.assertIn("Policy/base", "\n".join(refused.lines()))
    self.assertEqual(self.controller("restore", "--accept").wait_for_end(), 0)
    self.fleet.start_controller()
    self.fleet.wait_online("web1")
