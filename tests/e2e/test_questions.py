# SPDX-License-Identifier: Apache-2.0
"""A host answers equally through the controller and on its own socket."""

import json
import os
import signal
import socket
import subprocess
import time

from harness import case
from harness import fleet as fleets
from harness import policies

_POLICY = policies.group("web", "role", "web") + policies.policy(
    "base", "all", policies.opened("tcp/22", "udp/27000-27050") + "icmp: [echo-request]\n") + (
        policies.policy("web", "web", "port_mappings:\n  - service: https\n", 5))


class Questions(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}, "db1": {"role": "db"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(_POLICY)
    cls.fleet.listen("web1", "tcp/22", "tcp/8080")

  def both(self, verb, *flags):
    """Returns what web1 answers, after a check that it says the same on its own socket."""
    relayed = self.fleet.json("host", verb, "web1", *flags)
    local = json.loads(
        self.fleet.local("web1", verb, *flags, "-o", "json", check=0).stdout)
    self.assertEqual(relayed, local)
    return relayed

  def test_interfaces(self):
    node, gateway = self.node("web1"), self.fleet.outsider
    mac = gateway.run("cat", "/sys/class/net/eth0/address").stdout.strip()
    node.run("ip", "route", "add", "default", "via", gateway.ipv4())
    node.run("ip", "neighbour", "replace", gateway.ipv4(), "lladdr", mac, "dev", "eth0")
    self.addCleanup(node.run, "ip", "route", "delete", "default")
    found = {one["interface"]["name"]: one for one in self.both("interfaces")}
    self.assertEqual(found["eth0"]["interface"]["type"], "ethernet")
    self.assertIn(f"{self.node('web1').ipv4()}/24", found["eth0"]["interface"]["addresses"])
    self.assertEqual(found["eth0"]["state"]["firewall"], "on")
    self.assertEqual(found["eth0"]["network"]["gateways"],
                     [{"address": gateway.ipv4(), "mac": mac}])

  def test_mappings_and_who_set_them(self):
    found = {one["name"]: one for one in self.both("mappings") if one["direction"] == "in"}
    by_ports = {tuple(one["ports"]): one["policy"] for one in found.values()}
    self.assertEqual(by_ports[("tcp/22",)], "base")
    self.assertEqual(by_ports[("udp/27000-27050",)], "base")
    self.assertEqual(found["https"]["policy"], "web")
    self.assertEqual(found["echo-request"]["policy"], "base")

  def test_rules(self):
    text = self.both("rules")["text"]
    self.assertIn("table inet firebreak", text)
    self.assertGreater(len(self.both("rules", "--elements")["text"]), len(text))

  def test_settings_are_as_the_kernel_has_them(self):
    found = {one["name"]: one for one in self.both("settings")}
    for name in ("net.ipv4.tcp_syncookies", "net.ipv4.conf.eth0.accept_redirects"):
      real = self.node("web1").run("sysctl", "-n", name).stdout.strip()
      self.assertEqual(found[name]["found"].split(",")[0], real)
      self.assertTrue(found[name]["why"])

  def test_sockets_against_what_is_open(self):
    found = {(one["protocol"], one["port"]): one for one in self.both("sockets")}
    self.assertEqual(found["tcp", 22]["judgement"], "open")
    self.assertEqual(found["tcp", 22]["policy"], "base")
    self.assertEqual(found["tcp", 8080]["judgement"], "closed")
    self.assertIn("python", found["tcp", 8080]["process"])
    self.assertEqual(found["tcp", 443]["judgement"], "idle")
    self.assertEqual(found["tcp", 443]["mapping"], "https")

  def test_flows_and_their_filters(self):
    host = self.node("web1").ipv4()
    client = self.fleet.outsider.inside(lambda: socket.create_connection((host, 22)))
    self.addCleanup(client.close)
    port = str(client.getsockname()[1])
    flow, = self.fleet.json("host", "flows", "web1", "--port", port)
    self.assertEqual(flow["destination"], host)
    self.assertEqual(flow["destination_port"], 22)
    self.assertEqual(flow["state"], "established")
    self.assertEqual(flow["direction"], "in")
    self.assertEqual(flow["interface"], "eth0")
    one, = json.loads(
        self.fleet.local("web1", "flows", "--port", port, "-o", "json", check=0).stdout)
    for field in ("source", "source_port", "destination", "state"):
      self.assertEqual(one[field], flow[field])
    for nobody in (["--protocol", "udp"], ["--state", "time_wait"], ["--address", "192.0.2.0/24"]):
      self.assertEqual(self.fleet.json("host", "flows", "web1", "--port", port, *nobody), [])
    done = self.fleet.cli("host", "flows", "web1", "--interface", "eth9", check=1)
    self.assertIn("eth9", done.stderr)

  def test_a_group_answers_side_by_side_and_the_silent_are_named(self):
    asleep = self.fleet.hosts["web2"].agent
    asleep.signal(signal.SIGSTOP)
    self.addCleanup(asleep.signal, signal.SIGCONT)
    done = self.fleet.cli("host", "interfaces", "--group", "web", "--timeout", "1s", check=1)
    self.assertRegex(done.stdout, r"web1 +eth0")
    self.assertNotIn("web2", done.stdout)
    self.assertRegex(done.stderr, r"1 of 2 hosts did not answer")
    self.assertIn("web2", done.stderr)
    asleep.signal(signal.SIGCONT)
    answers = self.fleet.json("host", "rules", "--group", "all")
    self.assertEqual({one["host"] for one in answers}, set(self.HOSTS))

  def test_wrong_usage(self):
    for arguments in (["flows"], ["host", "flows"], ["--local", "host", "flows", "web1"],
                      ["host", "flows", "web1", "--group", "web"],
                      ["host", "flows", "web1", "--protocol", "nonsense"]):
      self.fleet.cli(*arguments, check=2)
    self.fleet.local("web1", "apply", "-f", self.fleet.write("x"), check=1)


class Local(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(_POLICY)

  def test_without_a_controller(self):
    self.fleet.controller.kill()
    try:
      self.fleet.hosts["web1"].agent.wait_for_line("no stream")
      status = json.loads(self.fleet.local("web1", "status", "-o", "json", check=0).stdout)
      self.assertFalse(status.get("connected", False))
      self.assertEqual(int(status["receipt"]["revision"]), 1)
      page = self.fleet.local("web1", "status", check=0).stdout
      self.assertRegex(page, r"offline")
      self.assertRegex(page, r"eth0 .* on ")
      self.fleet.local("web1", "rules", check=0)
      done = self.fleet.cli("host", "rules", "web1", check=4)
      self.assertTrue(done.stderr)
    finally:
      self.fleet.start_controller()
      self.fleet.wait_online("web1")

  def test_a_host_that_is_offline_is_said_at_once(self):
    self.fleet.hosts["web1"].agent.kill()
    try:
      self.fleet.wait_status("web1", lambda status: status["state"] == "offline", "offline")
      begun = time.monotonic()
      done = self.fleet.cli("host", "flows", "web1", check=1)
      self.assertLess(time.monotonic() - begun, 5)
      self.assertIn("offline", done.stderr)
      done = self.fleet.cli("host", "flows", "--group", "all", check=1)
      self.assertRegex(done.stderr, "web1: offline")
      done = self.fleet.local("web1", "status", check=4)
      self.assertIn("no agent listens", done.stderr)
    finally:
      self.fleet.start_agent("web1")
      self.fleet.wait_online("web1")

  def test_only_root_may_ask(self):
    host = self.fleet.hosts["web1"]
    os.chmod(host.state_directory, 0o711)
    os.chmod(self.fleet.directory, 0o711)
    done = subprocess.run(
        host.node.command("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                          fleets.program("firebreak"), "--local", "--socket", host.socket,
                          "status"),
        capture_output=True, text=True, timeout=30, check=False)
    self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
    self.assertIn("root", done.stderr)

  def test_nonsense_on_the_socket_harms_nobody(self):
    path = self.fleet.hosts["web1"].socket
    for nonsense in (b"\xff" * 64, b"\0\0\0\4abcd", b"GET / HTTP/1.1\r\n\r\n",
                     b"\0\1\0\0" + b"x" * 70000):
      with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.settimeout(10)
        try:
          client.sendall(nonsense)
          while client.recv(4096):
            pass
        except (ConnectionError, BrokenPipeError):
          pass
    silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for client in silent:
      client.connect(path)
    try:
      self.fleet.local("web1", "status", check=0)
    finally:
      for client in silent:
        client.close()
