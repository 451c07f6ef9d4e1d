# SPDX-License-Identifier: Apache-2.0
"""The host's own administrator switches its firewall, as far as the fleet's policy permits."""

import json
import os
import subprocess

from harness import case
from harness import fleet as fleets
from harness import policies
from harness import probe
from harness import process
from harness import terminal


class LocalSwitch(case.FleetCase):
  OPTIONS = {"agent_flags": ["--socket-group", "nogroup"]}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"]
    cls.fleet.listen("web1", "tcp/80")
    # Other users may reach the socket.
    os.chmod(cls.host.state_directory, 0o711)
    os.chmod(cls.fleet.directory, 0o711)

  def level(self, level):
    """Starts again under a policy with this local_control."""
    text = f"local_control: {level}\n" if level else ""
    self.fleet.apply(policies.policy("base", "all", text + 'firewall: "on"\n'))
    if self.state().get("local_switch"):
      told = len(self.rows())
      self.switch("enable", check=0)
      process.wait_until(lambda: len(self.rows()) > told, "the switch before is ended")
    self.told = len(self.rows())

  def rows(self):
    return [row for row in self.fleet.audit() if row["actor"] == "host/web1"]

  def state(self):
    """The state of eth0 as the agent reports it."""
    found = json.loads(self.switch("interfaces", "-o", "json", check=0).stdout)
    return [one["state"] for one in found if one["interface"]["name"] == "eth0"][0]

  def command(self, *arguments):
    return self.host.node.command(
        fleets.program("firebreak"), "--local", "--socket", self.host.socket, *arguments)

  def switch(self, *arguments, check):
    """Switches without a terminal, as a service or a cron job would."""
    done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60,
                          start_new_session=True, stdin=subprocess.DEVNULL, check=False)
    self.assertEqual(done.returncode, check, done.stdout + done.stderr)
    return done

  def at_a_terminal(self, *command):
    opened = terminal.Terminal(command)
    self.addCleanup(opened.close)
    return opened

  def firewall(self):
    """Whether an outsider finds the firewall on, over IPv4 and IPv6."""
    states = {probe.tcp_one(self.fleet.outsider, address, 80)
              for address in self.host.node.addresses()}
    self.assertEqual(len(states), 1)
    return {"open": "off", "filtered": "on"}[states.pop()]

  def trail(self, count):
    """Waits for the `count` rows that the host has caused since level(); there must be no more."""
    process.wait_until(lambda: len(self.rows()) >= self.told + count,
                       f"{count} rows of the audit trail")
    found = self.rows()[self.told:]
    self.assertEqual(len(found), count, found)
    return found

  def test_denied_with_the_policy_that_says_so(self):
    for level, reason in (("", "no policy sets local_control"),
                          ("deny", "policy base says local_control: deny")):
      self.level(level)
      done = self.switch("disable", "--reason", "curious", check=4)
      self.assertIn(reason, done.stderr)
      self.assertEqual(self.firewall(), "on")
      [row] = self.trail(1)
      self.assertEqual((row["action"], row["result"]), ("local switch", "refused"))
      for word in (reason, "curious", "by root", "firewall off"):
        self.assertIn(word, row["detail"])

  def test_allowed_and_seen_and_ended(self):
    self.level("allow")
    done = self.switch("disable", "--interface", "eth0", "--reason", "a new printer, Büro", check=0)
    self.assertRegex(done.stdout, "eth0 at elsewhere: firewall off, local, root")
    self.assertEqual(self.firewall(), "off")
    self.assertRegex(self.fleet.cli("host", "interfaces", "web1", check=0).stdout,
                     "eth0 .* off +local, root")
    self.fleet.wait_status(
        "web1", lambda one: "local_switch" in one["receipt"]["interfaces"][0], "tells of it")
    page = self.fleet.cli("host", "status", "web1", check=0).stdout
    self.assertRegex(page, r"Switched +eth0 off since .* by root.* with /.*/firebreak \(process "
                     r"\d+\), started by .*: a new printer, Büro")
    done = self.switch("enable", check=0)
    self.assertRegex(done.stdout, "eth0 at elsewhere: firewall on, base")
    self.assertEqual(self.firewall(), "on")
    off, on = self.trail(2)
    self.assertRegex(off["detail"], "^firewall off on eth0, by root.*reason: a new printer, Büro; at 20")
    self.assertRegex(on["detail"], "^firewall as the fleet's policy says, by root")
    self.assertEqual({off["result"], on["result"]}, {"done"})

  def test_what_is_not_there_is_refused(self):
    self.level("allow")
    self.assertIn("no interface eth9", self.switch("disable", "--interface", "eth9", check=4).stderr)
    self.assertIn("no location moon", self.switch("disable", "--at", "moon", check=4).stderr)
    self.fleet.local("web1", "disable", "--group", "all", check=2)
    self.assertEqual(self.firewall(), "on")

  def test_others_than_root_are_refused_and_recorded(self):
    self.level("allow")
    done = self.host.node.run(
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
        *self.command("disable")[4:], check=False)
    self.assertEqual(done.returncode, 4, done.stderr)
    self.assertIn("only root", done.stderr)
    self.assertEqual(self.firewall(), "on")
    [row] = self.trail(1)
    self.assertRegex(row["detail"], r"by nobody \(uid 65534\).*refused: only root")

  # --- confirm: a person at a terminal must agree

  def test_a_person_agrees(self):
    self.level("confirm")
    person = self.at_a_terminal(*self.command("disable", "--reason", "the\x1b[2Jprinter"))
    number = person.wait_for(r"Type (\d{4}) and Enter")[1]
    shown = person.wait_for("(?s)shall the firewall.*> ")[0]
    for pattern in ("every interface", r"asked by +/.*/firebreak \(process \d+\), started by /",
                    r"of +root", r"reason +the\?\[2Jprinter", "eth0 is on at elsewhere"):
      self.assertRegex(shown, pattern)
    self.assertEqual(self.firewall(), "on")
    person.type(number + "\n")
    status, shown = person.wait_for_end()
    self.assertEqual(status, 0, shown)
    self.assertEqual(self.firewall(), "off")
    [row] = self.trail(1)
    self.assertEqual(row["result"], "done")
    self.assertIn(f"confirmed at {person.name}", row["detail"])

  def test_a_person_does_not_agree(self):
    self.level("confirm")
    person = self.at_a_terminal(*self.command("disable"))
    person.wait_for("> ")
    person.type("yes\n")
    status, shown = person.wait_for_end()
    self.assertEqual(status, 4, shown)
    self.assertIn("was not the number shown there", shown)
    self.assertEqual(self.firewall(), "on")
    [row] = self.trail(1)
    self.assertEqual(row["result"], "refused")
    self.assertIn(f"asked at {person.name}", row["detail"])

  def test_without_a_terminal_nobody_can_be_asked(self):
    self.level("confirm")
    done = self.switch("disable", check=4)
    self.assertIn("has no terminal", done.stderr)
    self.assertEqual(self.firewall(), "on")
    self.assertIn("has no terminal", self.trail(1)[0]["detail"])

  def test_a_script_that_says_yes_is_not_heard(self):
    self.level("confirm")
    script = " ".join(self.command("disable"))
    person = self.at_a_terminal("sh", "-c", f"seq 1000 9999 | {script}; true")
    person.wait_for("> ")
    self.assertEqual(self.firewall(), "on")
    person.type("\x03")
    person.wait_for_end()
    self.assertEqual(self.firewall(), "on")
    self.assertIn("did not wait for the answer", self.trail(1)[0]["detail"])

  def test_in_the_background_nobody_is_asked(self):
    self.level("confirm")
    script = " ".join(self.command("disable"))
    person = self.at_a_terminal("bash", "-c", f"set -m; {script} & wait $!")
    status, shown = person.wait_for_end()
    self.assertEqual(status, 4, shown)
    self.assertIn("runs in the background", shown)
    self.assertEqual(self.firewall(), "on")

  # --- A switch lasts until the policy says otherwise

  def test_offline_it_holds_and_is_told_later_once(self):
    self.level("allow")
    self.fleet.controller.kill()
    try:
      self.switch("disable", "--reason", "nobody in reach", check=0)
      self.assertEqual(self.firewall(), "off")
      self.host.agent.kill()
      self.assertEqual(self.firewall(), "off")
      agent = self.fleet.start_agent("web1")
      agent.wait_for_line("from the disk is in force")
      process.wait_until(lambda: self.host.node.run("test", "-S", self.host.socket, check=False)
                         .returncode == 0, "the agent listens")
      self.assertEqual(self.firewall(), "off")
      self.assertEqual(self.state()["local_switch"]["reason"], "nobody in reach")
      self.switch("enable", "--reason", "again", check=0)
      self.assertEqual(self.firewall(), "on")
    finally:
      self.fleet.start_controller()
      self.fleet.wait_online("web1")
    self.trail(2)
    # The agent did not hear that its events were taken, so it sends them again; the controller
    # recognizes them.
    self.host.agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.switch("disable", "--reason", "and again", check=0)
    self.assertEqual([row["detail"].split("reason: ")[-1].split(";")[0]
                      for row in self.trail(3)], ["nobody in reach", "again", "and again"])

  def test_switches_that_are_lost_are_told_of(self):
    path = os.path.join(self.host.state_directory, "switches")
    for lose in (os.unlink, lambda name: open(name, "wb").close()):
      self.level("allow")
      self.switch("disable", check=0)
      self.trail(1)
      self.host.agent.stop()
      lose(path)
      self.fleet.start_agent("web1")
      self.fleet.wait_online("web1")
      row = self.trail(2)[-1]
      self.assertEqual(row["action"], "end a local switch")
      self.assertIn("has lost its own switches", row["detail"])
      self.assertEqual(self.firewall(), "on")
      # It is told of once.
      self.host.agent.stop()
      self.fleet.start_agent("web1")
      self.fleet.wait_online("web1")
      self.trail(2)

  def test_a_policy_that_denies_it_ends_it(self):
    self.level("allow")
    self.switch("disable", check=0)
    self.assertEqual(self.firewall(), "off")
    self.fleet.apply(policies.policy("base", "all", 'local_control: deny\nfirewall: "on"\n'))
    self.assertEqual(self.firewall(), "on")
    self.fleet.apply(policies.policy("base", "all", 'local_control: allow\nfirewall: "on"\n'))
    self.assertEqual(self.firewall(), "on")
    ended = self.trail(2)[1]
    self.assertEqual(ended["action"], "end a local switch")
    self.assertIn("has ended: policy base says local_control: deny", ended["detail"])
