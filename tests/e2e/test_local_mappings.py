# SPDX-License-Identifier: Apache-2.0
"""Programs of a host open ports, or ask for them, as far as the fleet's policy permits."""

import contextlib
import json
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import unittest

from harness import clock
from harness import control_groups
from harness import fleet as fleets
from harness import grpc_call
from harness import policies
from harness import probe
from harness import process
from harness import programs
from harness import terminal
from harness.programs import Program
from harness.programs import wish


class LocalMappings(programs.ProgramsCase):

  # --- root, by the policy's level

  def test_root_adds_lists_and_removes(self):
    self.level("allow")
    root = Program(self)
    number = int(root.mapping(add=wish(8080))["number"])
    self.assertTrue(self.open(8080))
    [one] = root.mapping(list={})["open"]
    self.assertEqual((one["user"], one["granted_by"], one["reason"]), ("root", "root", "a game"))
    self.assertRegex(one["program"], r"^/usr/bin/python3\S* \(process \d+\), started by ")
    page = self.fleet.cli("host", "mappings", "web1", check=0).stdout
    self.assertRegex(page, rf"tcp-8080 .* local +a game; for /usr/bin/python3.*, of root; mapping "
                     rf"{number}, by root")
    trace = self.fleet.cli("host", "trace", "web1", "--in", "eth0", "--proto", "tcp", "--from",
                           f"{self.fleet.outsider.ipv4()}:4444", "--to",
                           f"{self.host.node.ipv4()}:8080", check=0).stdout
    self.assertRegex(trace, rf"program +/usr/bin/python3.*, of root; mapping {number}, by root")
    self.assertEqual(root.mapping(remove=number), {"number": str(number)})
    self.assertFalse(self.open(8080))
    self.trail("add a local mapping", "remove a local mapping")

    # The same with the CLI.
    done = self.fleet.local("web1", "mapping", "add", "--ports", "tcp/8081", "--reason", "Büro",
                            "--for", "1h", check=0)
    number = done.stdout.split()[-1]
    self.assertTrue(self.open(8081))
    self.assertRegex(self.fleet.local("web1", "mapping", "list", check=0).stdout,
                     rf"{number} +tcp-8081 +tcp/8081 +any +any +20\S+ +root .* Büro")
    self.fleet.local("web1", "mapping", "remove", number, check=0)
    self.assertFalse(self.open(8081))

  def test_what_a_policy_blocks_stays_blocked(self):
    self.level("allow", "port_mappings: [{protocol: tcp, ports: 8080, action: block}]\n")
    self.assertIn("number", Program(self).mapping(add=wish(8080)))
    self.assertFalse(self.open(8080))

  def test_denied(self):
    for level in ("", "deny"):
      self.level(level)
      for program, verb in ((Program(self), "add"), (Program(self, nobody=True), "ask")):
        self.assertIn("local_control", program.mapping(**{verb: wish(8080)})["error"])
      self.assertFalse(self.open(8080))
      self.assertEqual({row["result"] for row in self.trail(*["refuse a mapping"] * 2)},
                       {"refused"})

  def test_confirmed_at_the_terminal(self):
    self.level("confirm")
    self.assertIn("has no terminal", Program(self).mapping(add=wish(8080))["error"])
    asker = Program(self, nobody=True)
    number = asker.mapping(ask=wish(8080, reason="a\x1b[2J game"))["number"]
    grant = self.host.node.command(fleets.program("firebreak"), "--local", "--socket",
                                   self.host.socket, "grant", number)
    for agrees in (False, True):
      person = terminal.Terminal(grant)
      self.addCleanup(person.close)
      shown = person.wait_for("(?s)shall this host let in.*Type (\\d{4}) and Enter")
      for pattern in ("tcp 8080", r"asked by +/usr/bin/python3", r"of +nobody",
                      r"reason +a\?\[2J game", "by anybody", "until +for 1h"):
        self.assertRegex(shown[0], pattern)
      person.type(shown[1] + "\n" if agrees else "yes\n")
      status, shown = person.wait_for_end()
      self.assertEqual(status, 0 if agrees else 4, shown)
      self.assertEqual(self.open(8080), agrees)
    rows = self.trail("refuse a mapping", "ask for a mapping", "refuse a mapping",
                      "grant a mapping")
    self.assertIn(f"by root, at {person.name}", rows[-1]["detail"])
    self.assertIn("for nobody (uid 65534) with /usr/bin/python3", rows[-1]["detail"])

  def test_programs_see_and_switch_the_firewall(self):
    self.level("allow")
    root, other = Program(self), Program(self, nobody=True)

    def firewall(program):
      [state] = [one["state"] for one in program.ask(interfaces={})["interfaces"]["interfaces"]
                 if one["interface"]["name"] == "eth0"]
      return state["firewall"]

    self.assertEqual((firewall(root), firewall(other)), ("on", "on"))
    off = {"local_switch": {"mode": "off", "reason": "a test"}}
    self.assertIn("only root", other.ask(**off)["error"])
    self.assertEqual(root.ask(**off)["local_switch"]["interfaces"][0]["firewall"], "off")
    self.assertTrue(self.open(8080))
    root.ask(local_switch={})
    self.assertEqual(firewall(other), "on")
    names = [one["name"] for one in other.ask(settings={})["settings"]["settings"]]
    self.assertIn("net.ipv4.ip_forward", names)

  # --- other users' programs

  def test_asking_opens_nothing_and_the_fleet_decides(self):
    self.level("confirm")
    asker = Program(self, nobody=True)
    number = int(asker.mapping(ask=wish(8080))["number"])
    self.assertEqual(asker.mapping(ask=wish(8080))["number"], str(number), "asked once more")
    other = int(asker.mapping(ask=wish(8081))["number"])
    self.assertFalse(self.open(8080))
    self.assertEqual([one["number"] for one in self.requests()], [str(number), str(other)])
    page = self.fleet.local("web1", "requests", check=0).stdout
    self.assertRegex(page, rf"{number} +20\S+ +nobody +tcp 8080 +any +any +1h after the grant "
                     "+a game")

    self.decide("grant", number)
    self.assertTrue(self.open(8080))
    self.decide("refuse", other)
    known = asker.mapping(list={})
    self.assertEqual([one["number"] for one in known["open"]], [str(number)])
    self.assertNotIn("asked", known)
    self.assertIn("no request has the number", self.decide("grant", other, check=1).stderr)
    # It gives back what it no longer needs.
    asker.mapping(remove=number)
    self.assertFalse(self.open(8080))
    rows = self.trail("ask for a mapping", "ask for a mapping", "grant a mapping",
                      "refuse a mapping", "remove a local mapping")
    self.assertIn("by an administrator of the fleet", rows[2]["detail"])
    # Which one, the controller knows.
    decided = [row for row in self.fleet.audit() if row["action"] == "decide about a mapping"]
    self.assertEqual(decided[-3]["actor"], "admin/admin")
    self.assertEqual([row["detail"] for row in decided[-3:]],
                     [f"sent to the host: {what}" for what in (
                         f"grant request {number}", f"refuse request {other}",
                         f"grant request {other}")])

  def test_those_who_ask_can_do_no_more(self):
    self.level("allow")
    root, other = Program(self), Program(self, nobody=True)
    number = int(root.mapping(add=wish(8081))["number"])
    self.assertIn("only root may add", other.mapping(add=wish(8080))["error"])
    self.assertIn("of yours", other.mapping(remove=number)["error"])
    self.assertEqual(other.mapping(list={}), {})
    asked = int(other.mapping(ask=wish(8080))["number"])
    self.assertIn("only root decides",
                  other.mapping(decide={"number": asked, "grant": True})["error"])
    for bad, reason in ((wish(80), "below 1024"), (wish(8080, seconds=0), "until when"),
                        (wish(8080, reason=""), "reason"),
                        (wish(8080, unit="no-such.service"), "does not run"),
                        # Programs of others are not his to name, whatever their names.
                        (wish(8080, unit=f"process {root.pid}"), "is no unit with programs"),
                        (wish(8080, interface="eth9"), "no interface eth9"),
                        (wish(8080, location="moon"), "no location moon"),
                        ({**wish(8080), "mapping": {"protocol": "tcp", "ports": ["8080"],
                                                    "forward_to": "192.0.2.1"}}, "forward_to")):
      self.assertIn(reason, other.mapping(ask=bad)["error"])
    self.assertFalse(self.open(8080))
    self.assertTrue(self.open(8081))
    rows = self.rows()[self.told:]
    self.assertIn("only root may add", rows[1]["detail"])

  # --- how it ends

  def test_ends_with_its_time(self):
    self.level("allow")
    asker = Program(self, nobody=True)
    number = asker.mapping(ask=wish(8080))["number"]
    self.decide("grant", number, "--for", "4s")
    self.wait_shut(8080)
    process.wait_until(lambda: not asker.mapping(list={}), "the grant is gone")
    rows = self.trail("ask for a mapping", "grant a mapping", "end a local mapping")
    self.assertIn("its time is over", rows[-1]["detail"])

  def test_ends_with_its_program(self):
    self.level("allow")
    asker = Program(self, nobody=True)
    granted = asker.mapping(ask=wish(8080, unit="process", seconds=0))["number"]
    asker.mapping(ask=wish(8081, unit="process"))
    self.decide("grant", granted)
    self.assertTrue(self.open(8080))
    # The agent that comes back knows its program again.
    self.restart_agent()
    self.assertTrue(self.open(8080))
    self.assertEqual(len(self.requests()), 1)
    transfer = self.fleet.traffic(self.fleet.outsider, "transfer", self.host.node.ipv4(), "8080")
    self.addCleanup(transfer.close)
    process.wait_until(lambda: fleets.report(transfer)["echoed"], "an echo")
    mark = self.host.agent.mark()
    asker.end()
    self.wait_shut(8080)
    # What it let begin ends with it.
    self.host.agent.wait_for_line("flows were ended", mark)
    process.wait_until(lambda: not self.requests(), "the request is gone")
    rows = self.trail(*["ask for a mapping"] * 2, "grant a mapping", *["end a local mapping"] * 2)
    self.assertRegex(rows[-1]["detail"], r"because: process \d+ has ended")

  def test_a_program_that_dies_between_asking_and_the_grant(self):
    self.level("confirm")
    asker = Program(self, nobody=True)
    number = asker.mapping(ask=wish(8080, unit="process"))["number"]
    # It dies while a person reads the question.
    person = terminal.Terminal(self.host.node.command(
        fleets.program("firebreak"), "--local", "--socket", self.host.socket, "grant", number))
    self.addCleanup(person.close)
    typed = person.wait_for("Type (\\d{4}) and Enter")[1]
    asker.end()
    person.type(typed + "\n")
    status, shown = person.wait_for_end()
    self.assertNotEqual(status, 0, shown)
    process.wait_until(lambda: not self.requests(), "the request is gone")
    # It dies before anybody looks.
    other = Program(self, nobody=True)
    number = other.mapping(ask=wish(8080, unit="process"))["number"]
    other.end()
    process.wait_until(lambda: not self.requests(), "the request is gone")
    self.assertIn("no request has the number", self.decide("grant", number, check=1).stderr)
    self.assertFalse(self.open(8080))

  def test_a_program_that_ends_while_the_agent_is_away(self):
    self.level("allow")
    root, asker = Program(self), Program(self, nobody=True)
    root.mapping(add=wish(8081))
    number = asker.mapping(ask=wish(8080, unit="process"))["number"]
    self.decide("grant", number)
    self.host.agent.kill()
    self.assertTrue(self.open(8080))
    asker.end()
    # The host starts anew, and its network has not come up yet.
    for table in ("inet firebreak", "netdev firebreak"):
      self.host.node.run("nft", f"delete table {table}", check=False)
    self.host.node.run(fleets.program("firebreak-agent"), "--boot", "--state-dir",
                       self.host.state_directory)
    self.assertFalse(self.open(8080))
    self.assertTrue(self.open(8081))
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.assertFalse(self.open(8080))
    self.assertTrue(self.open(8081))
    rows = self.trail("add a local mapping", "ask for a mapping", "grant a mapping",
                      "end a local mapping")
    self.assertRegex(rows[-1]["detail"], r"because: process \d+ has ended")

  @unittest.skipIf(control_groups.mount() is None, "this machine has no cgroup v2")
  def test_ends_with_its_unit(self):
    self.level("allow")
    subprocess.run(["nsenter", "-t", str(self.host.agent.pid), "-m", "mount", "-t", "cgroup2",
                    "none", "/sys/fs/cgroup"], check=True)
    group = os.path.join(control_groups.mount(), f"fbm{os.getpid()}.slice", "fbm-game.service")
    os.makedirs(group)
    self.addCleanup(self.remove_groups, group)
    outside = Program(self, nobody=True)
    wanted = wish(8080, unit="fbm-game.service", seconds=0)
    self.assertIn("does not belong to unit", outside.mapping(ask=wanted)["error"])
    inside = Program(self, nobody=True, group=group)
    number = inside.mapping(ask=wanted)["number"]
    self.decide("grant", number)
    self.assertTrue(self.open(8080))
    inside.end()
    self.assertTrue(self.open(8080))
    process.wait_until(lambda: self.remove_groups(group), "the unit ends")
    self.wait_shut(8080)
    rows = self.trail("refuse a mapping", "ask for a mapping", "grant a mapping",
                      "end a local mapping")
    self.assertIn("unit fbm-game.service has ended", rows[-1]["detail"])

  @staticmethod
  def remove_groups(group):
    for path in (group, os.path.dirname(group)):
      with contextlib.suppress(OSError):
        os.rmdir(path)
    return not os.path.exists(group)

  def test_ends_with_the_policy(self):
    self.level("allow")
    root, asker = Program(self), Program(self, nobody=True)
    root.mapping(add=wish(8080))
    asker.mapping(ask=wish(8081))
    self.fleet.apply(policies.policy("base", "all", 'local_control: deny\nfirewall: "on"\n'))
    self.assertFalse(self.open(8080))
    process.wait_until(lambda: not root.mapping(list={}), "both have ended")
    self.fleet.apply(policies.policy("base", "all", 'local_control: allow\nfirewall: "on"\n'))
    self.assertFalse(self.open(8080))
    rows = self.trail("add a local mapping", "ask for a mapping", *["end a local mapping"] * 2)
    self.assertIn("policy base says local_control: deny", rows[-1]["detail"])

  def test_mappings_that_are_lost_are_told_of(self):
    self.level("allow")
    Program(self).mapping(add=wish(8080))
    self.host.agent.kill()
    with open(os.path.join(self.host.state_directory, "mappings"), "wb"):
      pass
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.assertFalse(self.open(8080))
    self.assertIn("has lost its own mappings",
                  self.trail("add a local mapping", "end a local mapping")[-1]["detail"])

  def test_the_examples_ask_and_serve(self):
    self.level("allow")
    examples = {"Python": ["env", f"PYTHONPATH={self.messages}", programs.PYTHON, "-B",
                           os.path.join(programs.EXAMPLE, "ask.py")]}
    if os.path.exists(fleets.program("ask")):  # ready-made programs need not have the example
      # To where nobody may read.
      examples["C++"] = [shutil.copy(fleets.program("ask"), self.messages)]
    for language, command in examples.items():
      with self.subTest(language=language):
        self.ask_and_serve([*command, "8080", "a demonstration", self.host.socket])

  def ask_and_serve(self, command):
    example = Program(self, nobody=True, command=command)
    number = example.line().split()[1]
    self.assertFalse(self.open(8080))
    self.decide("grant", number)
    self.assertEqual(example.line(), f"request {number} is granted\n")
    self.assertTrue(self.open(8080))
    example.end()
    self.wait_shut(8080)


class HostilePrograms(programs.ProgramsCase):

  def test_thousands_of_requests(self):
    self.level("allow")
    other = Program(self, nobody=True)
    answers = [other.mapping(ask=wish(10000 + i, reason="\x1b[2J\n\u202e" * 200))
               for i in range(1000)]
    self.assertEqual(sum("number" in one for one in answers), 8)
    self.assertIn("8 requests of this user wait", answers[8]["error"])
    self.assertEqual(len(self.requests()), 8)
    page = self.fleet.local("web1", "requests", check=0).stdout
    self.assertNotIn("\x1b", page)
    self.assertNotIn("\u202e", page)
    process.wait_until(lambda: len(self.rows()) >= self.told + 30, "rows of the trail")
    self.assertLess(len(self.rows()), self.told + 40)
    # Root is heard, and decides.
    self.decide("refuse", answers[0]["number"])
    self.assertEqual(len(self.requests()), 7)

  def test_one_user_takes_no_room_from_others(self):
    self.level("allow")
    held = [programs.connect_as_nobody(self.host.socket) for _ in range(40)]
    for one in held:
      self.addCleanup(one.close)
    # Those that are too many hear why before they have asked.
    process.wait_until(lambda: len(select.select(held, [], [], 0)[0]) >= 32, "they are refused")
    self.assertIn(b"too many connections", held[-1].recv(4096))
    self.assertIn("status", Program(self).ask(status={}))
    somebody = Program(self, command=[*programs.SOMEBODY, *self.programs["Python"]])
    number = int(somebody.mapping(ask=wish(8080))["number"])
    # Each sees and takes back his own.
    for one in held:
      one.close()
    process.wait_until(lambda: "status" in Program(self, nobody=True).ask(status={}),
                       "there is room again")
    other = Program(self, nobody=True)
    self.assertEqual(other.mapping(list={}), {})
    self.assertIn("of yours", other.mapping(remove=number)["error"])
    self.assertEqual([one["number"] for one in somebody.mapping(list={})["asked"]], [str(number)])
    somebody.mapping(remove=number)

  def test_malformed_questions(self):
    self.level("allow")
    before = self.fleet.local("web1", "rules", check=0).stdout
    dice = random.Random(17)
    field = grpc_call.field
    ask = field(23, field(2, field(2, field(3, "tcp") + field(4, "8080")) + field(9, "a game")))
    for _ in range(300):
      message = bytearray(ask + dice.randbytes(dice.randrange(20)))
      for _ in range(dice.randrange(4)):
        message[dice.randrange(len(message))] = dice.randrange(256)
      length = dice.choice([len(message), 0, 2**32 - 1, dice.randrange(2**32)])
      with contextlib.suppress(OSError), programs.connect_as_nobody(self.host.socket) as one:
        one.sendall(struct.pack(">I", length) + message)
        one.shutdown(socket.SHUT_WR)
        while one.recv(65536):
          pass
    self.assertTrue(self.host.agent.running())
    self.assertEqual(self.fleet.local("web1", "rules", check=0).stdout, before)


class Undecided(programs.ProgramsCase):

  @classmethod
  def setUpClass(cls):
    cls.clock = clock.Clock()
    cls.addClassCleanup(cls.clock.close)
    cls.OPTIONS = {**programs.ProgramsCase.OPTIONS, "clocks": {"web1": cls.clock}}
    super().setUpClass()

  def test_a_request_that_nobody_decides_about_lapses(self):
    self.level("allow")
    asker = Program(self, nobody=True)
    number = asker.mapping(ask=wish(8080, seconds=172_800))["number"]
    other = asker.mapping(ask=wish(8081, seconds=172_800))["number"]
    self.decide("grant", other)
    self.clock.set("+25h")
    # The agent looks at least once a minute, and at each new revision.
    self.fleet.apply(policies.policy("other", "all", policies.opened("tcp/9999")))
    process.wait_until(lambda: not self.requests(), "the request has lapsed")
    self.assertIn("no request has the number", self.decide("grant", number, check=1).stderr)
    self.assertFalse(self.open(8080))
    self.assertTrue(self.open(8081), "what was granted for two days is open")
    rows = self.trail("ask for a mapping", "ask for a mapping", "grant a mapping",
                      "end a local mapping")
    self.assertIn("nobody has decided about it in 24 hours", rows[-1]["detail"])
