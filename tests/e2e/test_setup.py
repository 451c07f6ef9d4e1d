# SPDX-License-Identifier: Apache-2.0
"""`firebreak setup`: a person at a terminal protects a host with a few answers."""

import os
import subprocess
import time
import unittest

from harness import case
from harness import fleet as fleets
from harness import policies
from harness import probe
from harness import process
from harness import terminal

_SHUT = ("filtered", "filtered")
_SSH = ("open", "filtered")


class Wizard:
  """`firebreak setup` at a terminal, and the person who answers there."""

  def __init__(self, test, command):
    self.begun = time.monotonic()
    self.keystrokes = 0
    self._screen = terminal.Terminal(command)
    test.addCleanup(self._screen.close)

  def wait_for(self, pattern):
    return self._screen.wait_for(pattern)

  def answer(self, prompt, text="", rest=r".*\] "):
    """Types a line when the prompt is there."""
    self._screen.wait_for(prompt + rest)
    self.type(text + "\n")

  def type(self, text):
    self.keystrokes += len(text)
    self._screen.type(text)

  def wait_for_end(self):
    return self._screen.wait_for_end()


class SetupCase(unittest.TestCase):
  """Host `laptop` has no controller and no policy yet; its administrator came by ssh from outside.

  `inside` is on the network of eth1 only, and routes by the laptop.
  """

  def setUp(self):
    self.fleet = fleets.Fleet({"laptop": {}}, start=False, interfaces=2, bystanders=("inside",))
    self.addCleanup(self.fleet.close)
    self.host = self.fleet.hosts["laptop"]
    self.node, self.outsider = self.host.node, self.fleet.outsider
    self.inside = self.fleet.bystanders["inside"]
    self.inside.run("ip", "link", "delete", "eth0")
    self.inside.run("ip", "route", "add", "default", "via", self.node.ipv4(1))
    self.fleet.listen("laptop", "tcp/22", "tcp/8080")
    self.fleet.traffic(self.outsider, "listen", "tcp/9000")
    directory = self.fleet.path("policy.d")
    os.mkdir(directory)
    self.fleet.start_alone("laptop", directory)
    self.assertEqual(self.rules(), "")

  def log_tails(self):
    return self.fleet.log_tails()

  def command(self, *arguments, by_ssh=True):
    came = f"{self.outsider.ipv4()} 50000 {self.node.ipv4()} 22" if by_ssh else ""
    return self.node.command("env", f"SSH_CONNECTION={came}", fleets.program("firebreak"),
                             "--socket", self.host.socket, "setup", *arguments)

  def at_terminal(self, *arguments, **how):
    return Wizard(self, self.command(*arguments, **how))

  def in_script(self, *arguments, check):
    done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=process.PATIENCE)
    self.assertEqual(done.returncode, check, done.stderr)
    return done

  def ports(self):
    """What an outsider finds at 22 and 8080, over IPv4 and over IPv6."""
    return [tuple(probe.tcp(self.outsider, [(address, 22), (address, 8080)]).values())
            for address in self.node.addresses()]

  def pings(self):
    return [probe.ping(self.outsider, address) for address in self.node.addresses()]

  def rules(self):
    return self.node.run("nft", "list", "ruleset").stdout


class EachConnection(SetupCase):
  """What is proposed is right for who just presses return, but for the kind of connection."""

  def run_wizard(self, kind, ping="no"):
    """Answers all questions; returns when the rules hold, with the time and the keystrokes said."""
    wizard = self.at_terminal()
    wizard.answer(r"Which\?", kind)
    if kind == "shares":
      wizard.answer("leads to the Internet", "eth0")
      wizard.answer("lead to the other machines", "eth1")
    wizard.answer(r"tcp/22 \S* ?\[10\.77\.0\.0/24\]", rest="")
    wizard.answer(r"tcp/8080 \S* ?\[(nobody|anybody)\]", rest="")
    wizard.answer("ping this host", ping)
    wizard.answer("Switch it on", "yes")
    wizard.wait_for("Type `yes` or `no`")
    seconds = time.monotonic() - wizard.begun
    # A person takes as long as he types: two keys a second are slow.
    print(f"setup, {kind}: protected {seconds:.1f} s after its start and {wizard.keystrokes} "
          f"keystrokes; typed at 2 a second, {seconds + wizard.keystrokes / 2:.0f} s", flush=True)
    self.assertIn("table inet firebreak", self.rules())
    self.assert_reaches_out()
    wizard.type("yes\n")
    status, shown = wizard.wait_for_end()
    self.assertEqual(status, 0, shown)
    self.assertIn("firebreak --local undo", shown)

  def assert_reaches_out(self):
    """From inside all is as before, over IPv4 and IPv6."""
    for address in self.outsider.addresses():
      self.assertEqual(probe.tcp_one(self.node, address, 9000), "open")
      self.assertTrue(probe.ping(self.node, address))

  def test_directly_on_the_internet(self):
    self.run_wizard("internet")
    self.assertEqual(self.ports(), [_SSH, _SHUT])
    self.assertEqual(self.pings(), [False, False])

  def test_behind_a_router(self):
    self.run_wizard("router", ping="yes")
    self.assertEqual(self.ports(), [_SSH, _SHUT])
    self.assertEqual(self.pings(), [True, True])

  def test_a_laptop_that_moves(self):
    self.run_wizard("laptop")
    self.assertEqual(self.ports(), [_SSH, _SHUT])
    self.assertEqual(self.pings(), [False, False])

  def test_a_server(self):
    self.run_wizard("server", ping="yes")
    self.assertEqual(self.ports(), [("open", "open"), ("filtered", "open")])
    self.assertEqual(self.pings(), [True, True])

  def test_it_shares_its_connection(self):
    self.run_wizard("shares")
    self.assertEqual(self.ports(), [_SSH, _SHUT])
    # Who is behind it reaches out through it, and it itself.
    self.assertEqual(probe.tcp_one(self.inside, self.outsider.ipv4(), 9000), "open")
    for address in self.node.addresses(1):
      self.assertEqual(probe.tcp_one(self.inside, address, 8080), "open")
    # Nobody outside reaches who is behind it.
    self.fleet.traffic(self.inside, "listen", "tcp/9001")
    self.outsider.run("ip", "link", "delete", "eth1")
    self.outsider.run("ip", "route", "add", "10.77.1.0/24", "via", self.node.ipv4())
    self.outsider.run("ip", "route", "add", "fd77:1::/64", "via", self.node.ipv6())
    for address in self.inside.addresses(1):
      self.assertEqual(probe.tcp_one(self.outsider, address, 9001), "filtered")


class OtherFirewalls(SetupCase):

  def test_the_rules_of_another_are_taken_over_with_consent(self):
    self.node.run("nft", "-f", "-", text_input="""
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iifname "lo" accept
    tcp dport 8080 accept
  }
}
""")
    process.wait_until(lambda: "CONFLICT" in self.in_script("--dry-run", check=0).stderr,
                       "the agent knows of it")
    for consent in ("no", "yes"):
      wizard = self.at_terminal()
      wizard.answer(r"Which\?", "router")
      wizard.answer("tcp/22")
      wizard.answer("tcp/8080", "nobody")
      wizard.answer("ping this host", "no")
      wizard.answer("Take over the rules of nft", consent)
      if consent == "no":
        wizard.wait_for("Switch it on")
        wizard.type("no\n")
        shown = wizard.wait_for_end()[1]
        self.assertNotIn("imported-nft", shown)
        continue
      wizard.answer("Switch it on", "yes")
      wizard.answer("Type `yes` or `no`", "yes", rest="")
      status, shown = wizard.wait_for_end()
      self.assertEqual(status, 0, shown)
      self.assertIn("name: imported-nft", shown)
      self.assertIn("switch nft itself off", shown)
    # It is the person's to switch off; then the policies let in what it did.
    self.node.run("nft", "delete table inet filter")
    self.assertEqual(self.ports(), [("open", "open"), ("filtered", "open")])


class BadInput(SetupCase):

  def test_nothing_changes_before_the_last_answer(self):
    for keys in ("\x03", "\x04"):
      for answered in range(5):
        wizard = self.at_terminal()
        prompts = (r"Which\?", "tcp/22", "tcp/8080", "ping", "Switch it on")
        for prompt in prompts[:answered]:
          wizard.answer(prompt)
        wizard.wait_for(prompts[answered] + r".*\] ")
        wizard.type(keys)
        self.assertNotEqual(wizard.wait_for_end()[0], 0)
        self.assertEqual(self.rules(), "")

  def test_what_means_nothing_is_asked_again(self):
    wizard = self.at_terminal()
    wizard.answer(r"Which\?", "moon")
    wizard.answer(r"(?s)Which\?.*Which\?", "\x1b[Arouter")
    wizard.wait_for("that was no text")
    wizard.answer(r"(?s)no text.*Which\?", "router")
    wizard.answer("tcp/22", "10.0.0.0/99")
    wizard.wait_for("10.0.0.0/99")
    wizard.answer(r"(?s)10\.0\.0\.0/99.*tcp/22")
    wizard.answer("tcp/8080")
    wizard.answer("ping this host", "perhaps")
    wizard.answer(r"(?s)perhaps.*ping this host", "no")
    wizard.answer("Switch it on", "no")
    status, shown = wizard.wait_for_end()
    self.assertEqual(status, 1, shown)
    self.assertIn("nothing is changed", shown)
    self.assertEqual(self.rules(), "")

  def test_a_person_who_shuts_himself_out_says_so_twice(self):
    for really in ("no", "yes"):
      wizard = self.at_terminal()
      wizard.answer(r"Which\?", "router")
      wizard.answer("tcp/22", "nobody")
      wizard.answer("tcp/8080", "anybody")
      wizard.answer("ping this host", "no")
      wizard.wait_for("CAUTION: you came from 10.77.0.200 to tcp/22")
      wizard.answer("Is that meant", "yes")
      wizard.answer("Really", really)
      if really == "no":
        status, shown = wizard.wait_for_end()
        self.assertEqual(status, 1, shown)
        self.assertEqual(self.rules(), "")
        continue
      wizard.answer("Switch it on", "yes")
      wizard.wait_for("Type `cut me off` or `no`")
      self.assertEqual(self.ports(), [("filtered", "open")] * 2)
      # The rules are on trial, and whoever has cut himself off gets them back.
      wizard.type("no\n")
      status, shown = wizard.wait_for_end()
      self.assertEqual(status, 1, shown)
      process.wait_until(lambda: self.rules() == "", "the host is as it was")

  def test_a_script_that_shuts_the_administrator_out_says_so(self):
    answers = self.fleet.write("{connection: server, open: {tcp/8080: anybody}}")
    done = self.in_script("--answers", answers, check=1)
    self.assertIn("--shut-me-out", done.stderr)
    self.assertEqual(self.rules(), "")
    self.assertIn("tcp/8080", done.stdout)
    self.in_script("--answers", answers, "--shut-me-out", "--no-trial", check=0)
    self.assertEqual(self.ports(), [("filtered", "open")] * 2)

  def test_without_a_terminal_it_asks_for_answers(self):
    self.in_script(check=2)
    done = self.in_script("--dry-run", check=0)
    self.assertIn("port_mappings", done.stdout)
    for wrong in ("opne: {}", "open: {tcp/99999: anybody}", "import: [ufw]", "\x00", "[" * 5000):
      self.in_script("--answers", self.fleet.write(wrong), check=3)
      self.assertEqual(self.rules(), "")

  def test_a_host_without_a_network_is_protected_when_it_has_one(self):
    for interface in ("eth0", "eth1"):
      self.node.run("ip", "link", "set", interface, "down")
    wizard = self.at_terminal(by_ssh=False)
    wizard.answer(r"Which\?", "router")
    wizard.answer(r"tcp/22 \S* ?\[nobody\]", rest="")
    wizard.answer(r"tcp/8080 \S* ?\[nobody\]", rest="")
    wizard.answer("ping this host", "no")
    wizard.answer("Switch it on", "yes")
    wizard.answer("Type `yes` or `no`", "yes", rest="")
    status, shown = wizard.wait_for_end()
    self.assertEqual(status, 0, shown)
    self.node.run("ip", "link", "set", "eth0", "up")
    self.node.run("ip", "address", "add", f"{self.node.ipv6()}/64", "dev", "eth0", "nodad")
    self.assertEqual(self.ports(), [_SHUT, _SHUT])

  def test_a_second_agent_changes_nothing(self):
    self.in_script("--answers", self.fleet.write("{connection: router}"), "--no-trial", check=0)
    before = self.rules()
    other = self.fleet.write(policies.policy("other", "all", policies.opened("tcp/8080")))
    for state in (self.host.state_directory, self.fleet.path("other")):
      os.makedirs(state, mode=0o700, exist_ok=True)
      done = self.node.run(fleets.program("firebreak-agent"), "--policy", other, "--state-dir",
                           state, "--socket", "", check=False)
      self.assertEqual(done.returncode, 1, done.stderr)
      self.assertRegex(done.stderr, "another firebreak-agent|another agent")
    self.assertEqual(self.rules(), before)
    self.assertEqual(self.ports(), [_SSH, _SHUT])
    self.assertTrue(self.host.agent.running())


class InAFleet(case.FleetCase):
  """The same wizard makes the first policy on the controller."""

  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for name in cls.HOSTS:
      cls.fleet.listen(name, "tcp/22", "tcp/8080")

  def tearDown(self):
    for kind, kinds in (("invariant", "invariants"), ("policy", "policies")):
      for one in self.fleet.json("get", kinds):
        self.fleet.cli("delete", kind, one["name"], "--wait", check=0)

  def command(self, *arguments, node=None):
    return (node or self.fleet.controller_node).command(
        fleets.program("firebreak"), "--context", self.fleet.context, "setup", *arguments)

  def ports(self, name):
    found = [tuple(probe.tcp(self.fleet.outsider, [(address, 22), (address, 8080)]).values())
             for address in self.node(name).addresses()]
    self.assertEqual(found[0], found[1])
    return found[0]

  def answers(self, text):
    return ["--answers", self.fleet.write(text)]

  def test_an_administrator_protects_a_host_from_his_own_machine(self):
    wizard = Wizard(self, self.command("--host", "web1"))
    wizard.wait_for("About host web1")
    wizard.answer(r"Which\?", "server")
    wizard.answer(r"tcp/22 \S* ?\[anybody\]", "nobody", rest="")
    wizard.answer(r"tcp/8080 \S* ?\[anybody\]", rest="")
    wizard.answer("ping this host", "no")
    # The plan says what it shuts, and nothing has changed yet.
    wizard.wait_for("tcp/22")
    self.assertEqual(self.ports("web1"), ("open", "open"))
    revision = self.fleet.revision()
    wizard.answer("Switch it on", "yes")
    status, shown = wizard.wait_for_end()
    self.assertEqual(status, 0, shown)
    self.assertRegex(shown, "created.* Policy/setup-web1")
    self.assertIn("`firebreak undo` goes back", shown)
    self.assertEqual(self.fleet.revision(), revision + 1)
    policy = self.fleet.policy("setup-web1")
    self.assertEqual(policy["groups"], ["host:web1"])
    self.assertNotIn("local_control", policy, "that is the fleet's to say")
    self.assertEqual(self.ports("web1"), ("filtered", "open"))
    self.assertEqual(self.ports("web2"), ("open", "open"), "it is for the host alone")
    self.fleet.cli("undo", "--wait", check=0)
    self.assertEqual(self.ports("web1"), ("open", "open"))

  def test_a_policy_for_a_group_made_in_a_script(self):
    self.fleet.apply(policies.group("web", "role", "web"))
    arguments = ["--host", "web1", "--group", "web", "--name", "first",
                 *self.answers("{connection: server, open: {tcp/8080: 10.77.0.0/16}, ping: true}")]
    done = self.fleet.cli("setup", *arguments, "--dry-run", check=0)
    self.assertIn("name: first", done.stdout)
    self.assertEqual(self.ports("web2"), ("open", "open"))
    self.fleet.cli("setup", *arguments, check=0)
    self.assertEqual(self.fleet.policy("first")["groups"], ["web"])
    for name in self.HOSTS:
      found = [tuple(probe.tcp(self.fleet.outsider, [(address, 22), (address, 8080)]).values())
               for address in self.node(name).addresses()]
      self.assertEqual(found, [("filtered", "open"), ("filtered", "filtered")])

  def test_what_the_fleet_forbids_is_refused(self):
    # It holds, and the policy of the wizard would break it.
    self.fleet.apply(policies.policy("base", "all", 'firewall: "on"\n') + """
kind: Invariant
name: nobody-at-8080
traffic: [{protocol: tcp, ports: 8080}]
must: block
""")
    revision = self.fleet.revision()
    done = self.fleet.cli("setup", "--host", "web1",
                          *self.answers("{connection: server, open: {tcp/8080: anybody}}"), check=3)
    self.assertIn("nobody-at-8080", done.stderr)
    self.assertEqual(self.fleet.revision(), revision)

  def test_on_the_host_itself_the_administrator_is_not_shut_out(self):
    host = self.fleet.hosts["web1"]
    done = host.node.run(fleets.program("firebreak"), "--socket", host.socket, "setup",
                         "--dry-run", check=False)
    self.assertEqual(done.returncode, 1, done.stderr)
    self.assertIn("firebreak setup --host web1", done.stderr)
    came = f"SSH_CONNECTION={self.fleet.outsider.ipv4()} 50000 {host.node.ipv4()} 22"
    command = host.node.command(
        "env", came, fleets.program("firebreak"), "--context", self.fleet.context, "setup",
        "--host", "web1", *self.answers("{connection: server, open: {tcp/8080: anybody}}"))
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=process.PATIENCE)
    self.assertEqual(done.returncode, 1, done.stderr)
    self.assertIn("--shut-me-out", done.stderr)
    # Elsewhere the same connection leads to another host, and says nothing of this one.
    self.assertEqual(self.ports("web1"), ("open", "open"))

  def test_options_of_one_kind_are_not_for_the_other(self):
    for arguments in (["--group", "all"], ["--host", "web1", "--no-trial"],
                      ["--local", "--host", "web1"]):
      self.fleet.cli("setup", "--dry-run", *arguments, check=2)
    self.assertIn("web9", self.fleet.cli("setup", "--host", "web9", "--dry-run", check=1).stderr)
