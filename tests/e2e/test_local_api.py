# SPDX-License-Identifier: Apache-2.0
"""Each method of the agent's socket, in Python and in C++, root and not, at each local_control."""

import json
import os
import shutil

from harness import fleet as fleets
from harness import policies
from harness import probe
from harness import process
from harness import programs
from harness import terminal
from harness.programs import Program
from harness.programs import wish

_ECHO = {"icmp": {"messages": {"items": ["echo-request"]}}}
_LOG = {"logging": {"settings": {"dropped": True}}}
_OFF = {"mode": "off"}
_SWITCHES = (_OFF, _ECHO, _LOG)
_READING = ("interfaces", "mappings", "status", "sockets", "rules", "settings", "drops")


class Methods:
  """What the methods come to; the classes of the languages below are its test cases."""

  LANGUAGE = ""

  def setUp(self):
    if self.LANGUAGE not in self.programs:
      self.skipTest("the ready-made programs have no local_program")

  def program(self, nobody=False):
    return Program(self, nobody=nobody, language=self.LANGUAGE)

  def begin(self, level):
    """As level(), without waiting for the trail, which takes 60 rows a minute."""
    self.level(level, marked=False)

  def pings(self):
    return [probe.ping(self.fleet.outsider, address) for address in self.host.node.addresses()]

  def assert_reads(self, program):
    for what in _READING:
      self.assertIn(what, program.ask(**{what: {}}), what)

  def assert_refused(self, answer, reason):
    self.assertIn(reason, answer.get("error", f"done: {answer}"))

  def assert_all_refused(self, root, other, reason):
    """Nothing that changes something is done, for whoever asks; and what is given back always is."""
    for switch in _SWITCHES:
      self.assert_refused(root.ask(local_switch=switch), reason)
      self.assert_refused(other.ask(local_switch=switch), "only root")
    for ending in ({}, {"icmp": {}}, {"logging": {}}):
      self.assertIn("local_switch", root.ask(local_switch=ending))
      self.assert_refused(other.ask(local_switch=ending), "only root")
    self.assert_refused(root.mapping(add=wish(8080)), reason)
    self.assert_refused(other.mapping(add=wish(8080)), "only root may add")
    self.assert_refused(root.mapping(decide={"number": 99, "grant": True}), "no request")
    self.assert_refused(other.mapping(decide={"number": 99, "grant": True}), "only root decides")
    self.assertEqual((root.mapping(list={}), other.mapping(list={})), ({}, {}))
    self.assertFalse(self.open(8080))
    self.assertEqual(self.pings(), [False, False])

  def test_denied(self):
    for level in ("", "deny"):
      self.begin(level)
      root, other = self.program(), self.program(nobody=True)
      for program in (root, other):
        self.assert_reads(program)
        self.assert_refused(program.mapping(ask=wish(8080)), "local_control")
      self.assert_all_refused(root, other, "local_control")

  def test_confirm_without_a_terminal(self):
    self.begin("confirm")
    root, other = self.program(), self.program(nobody=True)
    self.assert_reads(root)
    self.assert_reads(other)
    self.assert_all_refused(root, other, "has no terminal")
    number = int(other.mapping(ask=wish(8080))["number"])
    self.assert_refused(root.mapping(decide={"number": number, "grant": True}), "has no terminal")
    self.assertFalse(self.open(8080))
    root.mapping(decide={"number": number})
    self.assertEqual(other.mapping(list={}), {}, "it is refused")

  def at_terminal(self, agrees, **question):
    """Asks from a terminal, where the person reads the question; returns the question, the answer."""
    screen = terminal.Terminal(self.host.node.command(*self.programs[self.LANGUAGE]))
    self.addCleanup(screen.close)
    screen.type(json.dumps(question) + "\n")
    found = screen.wait_for(r"(?s)Firebreak: .*Type (\d{4}) and Enter")
    screen.type((found[1] if agrees else "yes") + "\n")
    answer = screen.wait_for(r"\r\n(\{[^\r]*\"last\": ?true[^\r]*\}|\{\"error\"[^\r]*\})\r\n")[1]
    return found[0], json.loads(answer)

  def test_confirmed_by_a_person(self):
    self.begin("confirm")
    for agrees in (False, True):
      asked, answer = self.at_terminal(agrees, local_switch={
          **_ECHO, "interface": "eth0", "reason": "a\x1b[2J test"})
      for words in ("ICMP options be others", r"ICMP echo-request\r\n", r"where +eth0",
                    "anybody can find out that this host is there", r"of +root",
                    r"asked by +/\S+ \(process \d+\)", r"reason +a\?\[2J test", "eth0 is on"):
        self.assertRegex(asked, words)
      self.assertEqual("error" in answer, not agrees, answer)
      self.assertEqual(self.pings(), [agrees] * 2)
      asked, answer = self.at_terminal(agrees, local_switch={
          "logging": {"settings": {"connections": False}}})
      self.assertRegex(asked, "record otherwise than its policy says")
      self.assertRegex(asked, "what happens on this host can go unseen")
      self.assertEqual("error" in answer, not agrees, answer)
      asked, answer = self.at_terminal(agrees, local_mapping={"add": wish(8080)})
      self.assertEqual("error" in answer, not agrees, answer)
      self.assertEqual(self.open(8080), agrees)
    asked, answer = self.at_terminal(True, local_switch=_OFF)
    self.assertNotIn("error", answer)
    self.assertTrue(self.open(8081))

  def test_allowed(self):
    self.begin("allow")
    root, other = self.program(), self.program(nobody=True)
    self.assert_reads(root)
    self.assert_reads(other)
    for switch in _SWITCHES:
      self.assert_refused(other.ask(local_switch=switch), "only root")
    self.assert_refused(other.mapping(add=wish(8080)), "only root may add")
    # ICMP.
    self.assertIn("local_switch", root.ask(local_switch=_ECHO))
    self.assertEqual(self.pings(), [True, True])
    root.ask(local_switch={"icmp": {}})
    self.assertEqual(self.pings(), [False, False])
    # The log.
    root.ask(local_switch=_LOG)
    probe.tcp_one(self.fleet.outsider, self.host.node.ipv4(), 9998)
    process.wait_until(lambda: "9998" in self.fleet.local("web1", "logs").stdout, "it is recorded")
    self.assertNotIn("options", root.ask(local_switch={"logging": {}})["local_switch"])
    # Mappings, and the whole firewall.
    number = int(root.mapping(add=wish(8080))["number"])
    self.assertTrue(self.open(8080))
    root.mapping(remove=number)
    self.assertFalse(self.open(8080))
    number = int(other.mapping(ask=wish(8080))["number"])
    self.assertFalse(self.open(8080))
    root.mapping(decide={"number": number, "grant": True})
    self.assertTrue(self.open(8080))
    self.assertEqual([one["number"] for one in other.mapping(list={})["open"]], [str(number)])
    other.mapping(remove=number)
    root.ask(local_switch=_OFF)
    self.assertTrue(self.open(8080))
    root.ask(local_switch={})
    self.assertFalse(self.open(8080))


class InPython(Methods, programs.ProgramsCase):
  LANGUAGE = "Python"


class InCpp(Methods, programs.ProgramsCase):
  LANGUAGE = "C++"


class Options(programs.ProgramsCase):
  """ICMP and the log, set on the host itself."""

  def option(self, *arguments, check=0):
    return self.fleet.local("web1", "option", *arguments, check=check)

  def pings(self):
    return [probe.ping(self.fleet.outsider, address) for address in self.host.node.addresses()]

  def options(self):
    return json.loads(self.option("list", "-o", "json").stdout)

  def test_icmp_stands_above_the_policy_and_is_seen(self):
    self.level("allow", "icmp: [redirect]\n")
    done = self.option("icmp", "echo-request", "redirect", "--interface", "eth0", "--reason",
                       "test a link")
    self.assertRegex(done.stdout, "ICMP echo-request, redirect +eth0 +anywhere .* root +test a link")
    self.assertEqual(self.pings(), [True, True])
    page = self.fleet.cli("host", "mappings", "web1", check=0).stdout
    self.assertRegex(page, "echo-request .* local +test a link; for /.*/firebreak .*, of root")
    self.fleet.wait_status("web1", lambda one: one["receipt"].get("options"), "tells of it")
    for page in (self.fleet.cli("host", "status", "web1", check=0).stdout,
                 self.fleet.local("web1", "status", check=0).stdout):
      self.assertRegex(page, r"Switched +eth0 ICMP echo-request, redirect since .* by root.* with "
                       r"/.*/firebreak \(process \d+\), started by .*: test a link")
    # It holds over a restart of the agent, and what the policy says beside it does too.
    self.restart_agent()
    self.assertEqual(self.pings(), [True, True])
    # What is newer and for all is above it.
    self.option("icmp", "none")
    self.assertEqual(self.pings(), [False, False])
    self.assertEqual([one.get("interface") for one in self.options()], [None])
    self.option("clear", "icmp")
    self.assertEqual(self.options(), [])
    page = self.fleet.cli("host", "mappings", "web1", check=0).stdout
    self.assertRegex(page, "redirect .* base")
    rows = self.trail(*["local option"] * 3)
    self.assertIn("ICMP echo-request, redirect on eth0, by root", rows[0]["detail"])
    self.assertIn("no ICMP, by root", rows[1]["detail"])
    self.assertIn("ICMP as the fleet's policy says, by root", rows[2]["detail"])

  def test_the_log_is_the_hosts_to_switch(self):
    self.level("allow", "logging: {dropped: true}\n")
    self.option("logging", "--dropped", "no", "--reason", "a flood")
    self.assertRegex(self.option("list").stdout, "log no dropped packets +the host .* a flood")
    probe.tcp_one(self.fleet.outsider, self.host.node.ipv4(), 9001)
    self.option("logging", "--dropped", "yes", "--rate", "1000", "--max-size", "64")
    probe.tcp_one(self.fleet.outsider, self.host.node.ipv4(), 9002)
    process.wait_until(lambda: "9002" in self.fleet.local("web1", "logs").stdout, "it is recorded")
    self.assertNotIn("9001", self.fleet.local("web1", "logs").stdout)
    self.option("clear", "logging")
    self.assertEqual(self.options(), [])
    rows = self.trail(*["local option"] * 3)
    self.assertIn("log no dropped packets, by root", rows[0]["detail"])
    self.assertIn("log dropped packets, at most 1000 dropped packets a second, a file of 64 KiB",
                  rows[1]["detail"])

  def test_a_policy_that_denies_it_ends_it(self):
    self.level("allow")
    self.option("icmp", "all")
    self.assertEqual(self.pings(), [True, True])
    self.fleet.apply(policies.policy("base", "all", 'local_control: deny\nfirewall: "on"\n'))
    self.assertEqual(self.pings(), [False, False])
    rows = self.trail("local option", "end a local option")
    self.assertIn("has ended: policy base says local_control: deny", rows[-1]["detail"])
    self.fleet.apply(policies.policy("base", "all", 'local_control: allow\nfirewall: "on"\n'))
    self.assertEqual(self.pings(), [False, False])
    self.assertEqual(self.options(), [])

  def test_what_means_nothing_is_refused(self):
    self.level("allow")
    root = Program(self)
    for bad, reason in (
        ({"icmp": {"messages": {"items": ["ping"]}}}, "unknown ICMP message ping; there are"),
        ({"icmp": {"messages": {"items": ["\x1b[2J\n"]}}}, "unknown ICMP message ?[2J?"),
        ({"icmp": {"messages": {"items": ["redirect"] * 17}}}, "more than 16"),
        ({**_ECHO, "mode": "off"}, "each by itself"),
        ({**_ECHO, **_LOG}, "each by itself"),
        ({**_ECHO, "interface": "eth9"}, "no interface eth9"),
        ({**_ECHO, "location": "moon"}, "no location moon"),
        ({**_LOG, "interface": "eth0"}, "the whole host"),
        ({"logging": {"settings": {}}}, "what of the log"),
        ({"logging": {"settings": {"file": "/etc/passwd"}}}, "the policy's to say"),
        ({"logging": {"settings": {"max_size_kib": 0}}}, "out of range"),
        ({"logging": {"settings": {"rate": 4_000_000_000}}}, "out of range"),
        ({"mode": "observe"}, "`disable` or `enable`")):
      self.assertIn(reason, root.ask(local_switch=bad).get("error", "done"), bad)
    for arguments in (["icmp"], ["icmp", "ping"], ["icmp", "none", "redirect"], ["logging"],
                      ["clear", "all"], ["clear", "logging", "--interface", "eth0"]):
      self.option(*arguments, check=2)
    self.fleet.cli("option", "list", check=2)
    self.assertEqual(self.options(), [])

  def test_only_so_many_switches(self):
    self.level("allow")
    root = Program(self)
    for i in range(17):
      self.host.node.run("ip", "link", "add", f"d{i}", "type", "veth", "peer", "name", f"e{i}")
    process.wait_until(lambda: "e16 " in self.fleet.local("web1", "interfaces").stdout,
                       "the agent knows them")
    answers = [root.ask(local_switch={**_ECHO, "interface": f"{end}{i}"})
               for i in range(17) for end in "de"]
    self.assertEqual(sum("error" not in one for one in answers), 32)
    self.assertIn("32 switches are in force", answers[-1]["error"])
    for i in range(17):
      self.host.node.run("ip", "link", "delete", f"d{i}")
    # What is gone can be cleared.
    root.ask(local_switch={"icmp": {}})
    self.assertEqual(self.options(), [])

  def test_others_fill_no_trail(self):
    self.level("allow")
    other = Program(self, nobody=True)
    for _ in range(300):
      self.assertIn("only root", other.ask(local_switch=_OFF)["error"])
    self.assertLess(self.rows_until_now(Program(self)) - self.told, 40)

  def test_the_examples_set_and_end_an_option(self):
    self.level("allow")
    examples = {"Python": ["env", f"PYTHONPATH={self.messages}", programs.PYTHON, "-B",
                           os.path.join(programs.EXAMPLE, "options.py")]}
    if os.path.exists(fleets.program("options")):
      examples["C++"] = [shutil.copy(fleets.program("options"), self.messages)]
    for language, command in examples.items():
      with self.subTest(language=language):
        example = Program(self, command=[*command, self.host.socket])
        lines = []
        while "pings are answered\n" not in lines:
          lines.append(example.line())
          self.assertTrue(lines[-1], lines)
        self.assertIn("eth0: firewall on at elsewhere\n", lines)
        self.assertEqual(self.pings(), [True, True])
        example.close_input()
        self.assertEqual(example.line(), "as the policies say\n")
        self.assertEqual(self.pings(), [False, False])
