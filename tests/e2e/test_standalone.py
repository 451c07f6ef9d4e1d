# SPDX-License-Identifier: Apache-2.0
"""A host without a controller: local files are its policy, a person confirms what it tries."""

import json
import os
import signal
import unittest

from harness import case
from harness import fleet as fleets
from harness import probe
from harness import process
from harness import terminal

OPEN = """
kind: Policy
name: own
groups: [all]
firewall: "on"
port_mappings: [{service: ssh}, {name: web, protocol: tcp, ports: 8080}]
"""
CUT = OPEN.replace("{service: ssh}, ", "")


class Alone(unittest.TestCase):
  """Host `laptop` has no controller; whoever sits at `outsider` administers it over port 22."""

  def setUp(self):
    self.fleet = fleets.Fleet({"laptop": {"role": "laptop"}}, start=False)
    self.addCleanup(self.fleet.close)
    self.node = self.fleet.hosts["laptop"].node
    self.fleet.listen("laptop", "tcp/22", "tcp/8080")
    self.file = self.fleet.write(OPEN)
    self.start()
    self.assert_ports("open", "open")

  def log_tails(self):
    return self.fleet.log_tails()

  def start(self):
    self.fleet.start_alone("laptop", self.file)

  def local(self, *arguments, check=0):
    return self.fleet.local("laptop", *arguments, check=check)

  def json(self, *arguments):
    return json.loads(self.local(*arguments, "-o", "json").stdout)

  def ports(self):
    """What an outsider finds at 22 and 8080, over IPv4 and IPv6 alike."""
    found = [tuple(probe.tcp(self.fleet.outsider, [(address, 22), (address, 8080)]).values())
             for address in self.node.addresses()]
    self.assertEqual(found[0], found[1])
    return found[0]

  def assert_ports(self, ssh, web):
    self.assertEqual(self.ports(), (ssh, web))

  def at_ssh(self, *arguments):
    """Runs the CLI at a terminal of a session that came from the outsider by ssh."""
    outsider = self.fleet.outsider
    opened = terminal.Terminal(self.node.command(
        "env", f"SSH_CONNECTION={outsider.ipv4()} 50000 {self.node.ipv4()} 22",
        fleets.program("firebreak"), "--local", "--socket", self.fleet.hosts["laptop"].socket,
        *arguments))
    self.addCleanup(opened.close)
    return opened

  def reboot(self):
    """The kernel forgets the rules, and the agent is gone."""
    self.fleet.hosts["laptop"].agent.kill()
    self.node.run("nft", "flush", "ruleset")
    self.node.run(fleets.program("firebreak-agent"), "--boot", "--state-dir",
                  self.fleet.hosts["laptop"].state_directory)

  def connect(self):
    """A connection to port 22 from outside, as an ssh session is one."""
    session = self.fleet.traffic(self.fleet.outsider, "transfer", self.node.ipv4(), "22")
    self.assert_goes_on(session)
    return session

  def assert_goes_on(self, session):
    before = fleets.report(session)["echoed"]
    process.wait_until(lambda: fleets.report(session)["echoed"] > before, "the session goes on")

  def test_what_nobody_confirms_is_undone(self):
    session = self.connect()
    screen = self.at_ssh("apply", "-f", self.fleet.write(CUT), "--trial", "15s")
    screen.wait_for("revision 2 is on trial")
    screen.wait_for("CAUTION: a new connection like yours.*is DROPPED")
    screen.wait_for("Type `cut me off` or `no`")
    self.assertEqual(self.json("status")["standalone"]["on_trial"], "2")
    # The session goes on, which proves nothing: no other can begin.
    self.assert_goes_on(session)
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.node.ipv4(), 22), "filtered")
    screen.type("yes\n")  # he did not read it
    status, shown = screen.wait_for_end()
    self.assertEqual(status, 1, shown)
    self.assertIn("was not confirmed and is undone", shown)
    process.wait_until(lambda: self.ports() == ("open", "open"), "the old rules are back")
    self.assert_goes_on(session)
    self.assertIn("UNDONE: nobody confirmed it in time",
                  self.json("revisions")[0]["summary"])

  def test_what_is_confirmed_stays(self):
    screen = self.at_ssh("apply", "-f", self.fleet.write(CUT), "--trial", "5m")
    screen.wait_for("Type `cut me off` or `no`")
    self.assert_ports("filtered", "open")
    refused = self.local("apply", "-f", self.file, check=1)
    self.assertIn("revision 2 waits to be confirmed", refused.stderr)
    screen.type("cut me off\n")
    status, shown = screen.wait_for_end()
    self.assertEqual(status, 0, shown)
    self.reboot()
    self.assert_ports("filtered", "open")
    self.start()
    self.assert_ports("filtered", "open")
    # Back again, confirmed over another connection than the one that asked.
    tried = self.local("undo")
    self.assertIn("firebreak --local confirm 3", tried.stderr)
    self.assert_ports("open", "open")
    self.local("confirm")
    self.assertEqual([one["summary"] for one in self.json("revisions")],
                     ["update Policy/own", "update Policy/own", "create Policy/own"])
    self.assertIn("no revision waits", self.local("confirm", check=1).stderr)

  def test_a_trial_ends_with_the_agent_and_with_the_host(self):
    for end in (lambda: self.fleet.hosts["laptop"].agent.kill(), self.reboot):
      self.local("apply", "-f", self.fleet.write(CUT), "--trial", "10m")
      self.assert_ports("filtered", "open")
      end()
      self.start()
      self.assert_ports("open", "open")
      self.assertIn("UNDONE: the agent ended", self.json("revisions")[0]["summary"])

  def test_a_file_that_becomes_invalid_changes_nothing(self):
    agent = self.fleet.hosts["laptop"].agent
    mark = agent.mark()
    with open(self.file, "w", encoding="utf-8") as file:
      file.write(OPEN.replace("firewall", "firewal"))
    agent.wait_for_line(r":5: .*revision 1 stays in force", mark)
    problem = self.json("status")["standalone"]["files_problem"]
    self.assertRegex(problem, r"\.yaml:5: ")
    self.assertRegex(self.local("status").stdout, r"\.yaml:5: ")
    refused = self.local("apply", check=3)
    self.assertRegex(refused.stderr, r"\.yaml:5: ")
    agent.signal(signal.SIGHUP)
    agent.wait_for_line("not put in force", mark)
    self.assert_ports("open", "open")
    agent.kill()
    self.start()
    self.assert_ports("open", "open")
    # Put right, it waits until somebody says so.
    agent, mark = self.fleet.hosts["laptop"].agent, self.fleet.hosts["laptop"].agent.mark()
    with open(self.file, "w", encoding="utf-8") as file:
      file.write(CUT)
    agent.wait_for_line("not in force yet", mark)
    self.assert_ports("open", "open")
    agent.signal(signal.SIGHUP)
    agent.wait_for_line("the policy's files are in force", mark)
    self.assert_ports("filtered", "open")

  def test_the_host_is_asked_and_switched_as_one_of_a_fleet(self):
    plan = self.local("plan", "-f", self.fleet.write(CUT), check=5).stdout
    self.assertRegex(plan, "tcp/22")
    diff = self.local("diff", "-f", self.fleet.write(CUT)).stdout
    self.assertRegex(diff, r"(?m)^-.*ssh")
    self.assertIn("name: own", self.local("get", "policy", "own", "-o", "yaml").stdout)
    trace = self.json("trace", "--in", "eth0", "--proto", "tcp", "--from",
                      self.fleet.outsider.ipv4(), "--to", f"{self.node.ipv4()}:22")
    self.assertEqual((trace["policy"], trace["mapping"], int(trace["revision"])),
                     ("own", "ssh", 1))
    self.assertIn("revision 1: no change", self.local("apply").stdout)
    self.assertIn("leave it out with --local",
                  self.local("apply", "-f", self.file, "--wait", check=2).stderr)
    self.assertIn("no policy sets local_control",
                  self.local("disable", "--reason", "x", check=4).stderr)
    self.local("apply", "--no-trial", "-f",
               self.fleet.write(OPEN + "local_control: allow\n"
                                "logging: {dropped: true}\n"))
    probe.tcp_one(self.fleet.outsider, self.node.ipv4(), 9999)
    process.wait_until(lambda: "9999" in self.local("logs").stdout, "the drop is in the log")
    self.local("mapping", "add", "--ports", "tcp/9999", "--reason", "test")
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.node.ipv4(), 9999), "closed")
    self.local("mapping", "remove", "1")
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.node.ipv4(), 9999), "filtered")
    self.local("disable", "--reason", "test")
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.node.ipv4(), 9999), "closed")


class NothingToEnforce(unittest.TestCase):

  def test_the_first_start_needs_files_that_are_good(self):
    fleet = fleets.Fleet({"laptop": {}}, start=False)
    self.addCleanup(fleet.close)
    agent = fleet.start_alone("laptop", fleet.write(OPEN.replace("firewall", "firewal")))
    self.assertEqual(agent.wait_for_end(), 1)
    self.assertRegex(agent.tail(), r"no policy is in force on this host: .*\.yaml:5: ")
    self.assertEqual(fleet.hosts["laptop"].node.run("nft", "list", "ruleset").stdout, "")
    # An empty directory is a beginning: the first policy is then tried from the terminal.
    directory = fleet.path("policy.d")
    os.mkdir(directory)
    fleet.start_alone("laptop", directory)
    fleet.local("laptop", "apply", "-f", fleet.write(OPEN), "--trial", "1s", check=0)
    process.wait_until(
        lambda: fleet.hosts["laptop"].node.run("nft", "list", "ruleset").stdout == "",
        "the host is as it was")

  def test_other_labels_select_other_policies(self):
    fleet = fleets.Fleet({"laptop": {}}, start=False)
    self.addCleanup(fleet.close)
    file = fleet.write("kind: Group\nname: web\nmatch: {role: web}\n---" +
                       OPEN.replace("[all]", "[web]"))
    agent = fleet.start_alone("laptop", file)
    agent.wait_for_line("no policy selects this host")
    self.assertEqual(fleet.hosts["laptop"].node.run("nft", "list", "ruleset").stdout, "")
    agent.stop()
    fleet.start_alone("laptop", file, flags=["--label", "role=web"])
    self.assertIn("in/elsewhere", fleet.hosts["laptop"].node.run("nft", "list", "ruleset").stdout)


class SameAsInAFleet(case.FleetCase):
  """The same files give the same rules, and a host moves from the one to the other."""

  EXAMPLES = ["first-policy.yaml", "log.yaml", "hardening.yaml"]
  RICH = """
kind: Group
name: web
match: {role: web}
---
kind: Service
name: desk
ports: [tcp/3389, udp/3389]
---
kind: Location
name: office
hints: {subnets: [10.77.0.0/16]}
beacons: [{address: "10.77.0.1:7444", server_name: beacon.example, ca: "%s"}]
---
kind: Policy
name: at-the-office
groups: [web]
locations: [office]
priority: 100
firewall: "off"
---
kind: Policy
name: servers
groups: [web]
firewall: "on"
icmp: [echo-request]
unsolicited: reject
port_mappings:
  - {service: ssh, from: [10.0.0.0/8, "fd77::/16"], from_except: [10.9.0.0/16]}
  - {service: desk, limit: {rate: 10/minute, per: source}}
  - {protocol: tcp, ports: 1000-2000, action: block}
  - {protocol: any, from: 10.77.0.7}
outbound: {default: block, allow: [{service: dns}, {protocol: tcp, ports: [443, 7443]}]}
interfaces: [{match: {types: [wireless]}, port_mappings: []}]
---
kind: Policy
name: of-others
groups: ["host:other", db]
port_mappings: [{protocol: tcp, ports: 5432}]
---
kind: Group
name: db
match: {role: db}
"""

  def rules(self):
    """The ruleset of the host as the kernel has it, byte for byte, and its digest."""
    answer = json.loads(self.fleet.local("web1", "rules", "--elements", "-o", "json", check=0).stdout)
    self.assertTrue(answer["digest"])
    return answer["digest"], answer["text"]

  def files(self):
    examples = os.path.join(os.path.dirname(__file__), "../../deploy/examples")
    names = [os.path.join(examples, name) for name in self.EXAMPLES]
    with open(os.path.join(self.fleet.controller_directory, "ca.crt"), encoding="utf-8") as ca:
      authority = ca.read().strip().replace("\n", "\\n")
    return [*names, self.fleet.write(self.RICH % authority)]

  def test_the_rules_are_the_same_and_enrolment_takes_them_over(self):
    files = self.files()
    of_fleet = []
    for file in files:
      self.fleet.cli("apply", "-f", file, "--set", "files", "--prune", "--wait", check=0)
      of_fleet.append(self.rules())
    self.fleet.hosts["web1"].agent.stop()
    state = self.fleet.path("alone")
    self.fleet.start_alone("web1", files[0], state_directory=state)
    of_host = [self.rules()]
    for file in files[1:]:
      self.fleet.local("web1", "apply", "-f", file, "--no-trial", check=0)
      of_host.append(self.rules())
    self.assertEqual(of_fleet, of_host)
    self.assertEqual(len({digest for digest, _ in of_host}), len(files), "the files differ")

    # Later it enrols: it keeps its rules until the fleet's are in force, and says what changes.
    self.fleet.local("web1", "apply", "-f", self.fleet.write(OPEN), "--no-trial", check=0)
    self.fleet.hosts["web1"].agent.stop()
    host = self.fleet.hosts["web1"]
    host.state_directory = state
    agent = self.fleet.start_agent("web1", self.fleet.token(
        "--host", "web1", "--label", "role=web"))
    agent.wait_for_line("the fleet's policy is in force in place of this host's own")
    agent.wait_for_line(r"closes in .*tcp/8080 from anybody")
    self.fleet.wait_status("web1", lambda status: status["rollout"] == "applied", "has the policy")
    self.assertEqual(self.rules(), of_fleet[-1])
    self.assertIn("comes from its controller",
                  self.fleet.local("web1", "apply", "-f", files[0], check=1).stderr)
