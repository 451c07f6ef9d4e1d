# SPDX-License-Identifier: Apache-2.0
"""`firebreak setup`: a person at a terminal protects a host with a few answers."""

import os
import subprocess
import unittest

from harness import fleet as fleets
from harness import probe
from harness import process
from harness import terminal


class Setup(unittest.TestCase):

  def setUp(self):
    self.fleet = fleets.Fleet({"laptop": {}}, start=False, interfaces=2)
    self.addCleanup(self.fleet.close)
    self.host = self.fleet.hosts["laptop"]
    self.node = self.host.node
    self.fleet.listen("laptop", "tcp/22", "tcp/8080")
    directory = self.fleet.path("policy.d")
    os.mkdir(directory)
    self.fleet.start_alone("laptop", directory)

  def log_tails(self):
    return self.fleet.log_tails()

  def command(self, *arguments):
    return self.node.command(
        "env", f"SSH_CONNECTION={self.fleet.outsider.ipv4()} 50000 {self.node.ipv4()} 22",
        fleets.program("firebreak"), "--socket", self.host.socket, "setup", *arguments)

  def at_terminal(self, *arguments):
    opened = terminal.Terminal(self.command(*arguments))
    self.addCleanup(opened.close)
    return opened

  def ports(self):
    return [tuple(probe.tcp(self.fleet.outsider, [(address, 22), (address, 8080)]).values())
            for address in self.node.addresses()]

  def rules(self):
    return self.node.run("nft", "list", "ruleset").stdout

  def test_each_kind_of_connection(self):
    """What is proposed is right for who just presses return, but for the kind of connection."""
    v4, v6 = ("open", "filtered"), ("filtered", "filtered")
    wanted = {"internet": [v4, v6], "router": [v4, v6], "laptop": [v4, v6],
              "shares": [v4, v6], "server": [("open", "open"), ("filtered", "open")]}
    for i, (kind, ports) in enumerate(wanted.items()):
      screen = self.at_terminal()
      screen.wait_for(r"Which\? \[server\]")
      screen.type(f"{kind}\n")
      if kind == "shares":
        screen.wait_for("leads to the Internet")
        screen.type("eth0\n")
        screen.wait_for("lead to the other machines")
        screen.type("eth1\n")
      screen.wait_for(r"tcp/22 \S* ?\[10\.77\.0\.0/24\]")
      screen.type("\n")
      screen.wait_for(r"tcp/8080 \S* ?\[(nobody|anybody)\]")
      screen.type("\n")
      screen.wait_for("ping this host")
      screen.type(("yes\n", "no\n")[i % 2])  # so that each differs from the one before
      screen.wait_for("Switch it on")
      screen.type("yes\n")
      screen.wait_for("Type `yes` or `no`")
      self.assertEqual(self.ports(), ports, kind)
      screen.type("yes\n")
      status, shown = screen.wait_for_end()
      self.assertEqual(status, 0, shown)
      self.assertIn("firebreak --local undo", shown)
      # From inside all is as before.
      listener = self.fleet.traffic(self.fleet.outsider, "listen", "tcp/9000")
      for address in self.fleet.outsider.addresses():
        self.assertEqual(probe.tcp_one(self.node, address, 9000), "open")
      listener.close()

  def test_nothing_changes_before_the_last_answer(self):
    for keys in ("\x03", "\x04"):
      for answered in range(5):
        screen = self.at_terminal()
        prompts = (r"Which\?", "tcp/22", "tcp/8080", "ping", "Switch it on")
        for prompt in prompts[:answered]:
          screen.wait_for(prompt + r".*\] ")
          screen.type("\n")
        screen.wait_for(prompts[answered] + r".*\] ")
        screen.type(keys)
        self.assertNotEqual(screen.wait_for_end()[0], 0)
        self.assertEqual(self.rules(), "")

  def test_who_shuts_himself_out_says_so_twice(self):
    answers = self.fleet.write("{connection: server, open: {tcp/8080: anybody}}")
    done = subprocess.run(self.command("--answers", answers), capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL, timeout=process.PATIENCE)
    self.assertEqual(done.returncode, 1, done.stderr)
    self.assertIn("--shut-me-out", done.stderr)
    self.assertEqual(self.rules(), "")
    self.assertIn("tcp/8080", done.stdout)
    done = subprocess.run(self.command("--answers", answers, "--shut-me-out", "--no-trial"),
                          capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=process.PATIENCE)
    self.assertEqual(done.returncode, 0, done.stderr)
    self.assertEqual(self.ports(), [("filtered", "open")] * 2)

  def test_without_a_terminal_it_asks_for_answers(self):
    done = subprocess.run(self.command(), capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=process.PATIENCE)
    self.assertEqual(done.returncode, 2, done.stderr)
    done = subprocess.run(self.command("--dry-run"), capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=process.PATIENCE)
    self.assertEqual(done.returncode, 0, done.stderr)
    self.assertIn("port_mappings", done.stdout)
    self.assertEqual(self.rules(), "")
