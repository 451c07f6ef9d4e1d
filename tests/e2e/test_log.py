# SPDX-License-Identifier: Apache-2.0
"""From a dropped packet to the host's file, the controller's log and `logs -f`."""

import ipaddress
import os
import re
import socket
import statistics
import time

from harness import case
from harness import policies
from harness import probe
from harness import process
from harness import records


class Log(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "db1": {"role": "db"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.file = cls.fleet.path("web1.log")
    cls.fleet.apply(
        policies.group("web", "role", "web") +
        policies.policy("watched", "web",
                        records.logging(cls.file, connections="true") +
                        policies.opened("tcp/80", "tcp/20-30")) +
        policies.policy("strict", "web", "port_mappings:\n"
                        "  - {name: no-telnet, action: block, protocol: tcp, ports: 23}\n", 10))
    cls.listener = cls.fleet.listen("web1", "tcp/80")

  def drop(self, port, address=None):
    self.assertNotEqual(
        probe.tcp(self.fleet.outsider, [(address or self.node("web1").ipv4(), port)]).popitem()[1],
        "open")

  def test_a_dropped_packet_is_in_the_file_and_in_the_controllers_log(self):
    self.drop(4242)
    found = records.wait(self.fleet, lambda all: all, "the drop is in the log", "--port", "4242")[0]
    self.assertEqual(found["host"], "web1")
    self.assertEqual(found["action"], "DROP")
    self.assertEqual(found["source"], self.fleet.outsider.ipv4())
    self.assertEqual(found["destination"], self.node("web1").ipv4())
    self.assertEqual(found["tcp_flags"], "S")
    self.assertEqual(found["interface"], "eth0")
    self.assertEqual(found["location"], "elsewhere")
    self.assertEqual(found["reason"], "unsolicited")
    line = [one for one in records.read_file(self.file) if one["dst-port"] == "4242"][0]
    self.assertEqual(line["src-port"], str(found["source_port"]))
    self.assertEqual(line["tcpsyn"], str(found["tcp_sequence"]))
    self.assertEqual(line["x-reason"], "unsolicited")
    self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o640)

  def test_the_mapping_that_blocked_is_named(self):
    self.drop(23)
    found = records.wait(self.fleet, lambda all: all, "the drop is in the log", "--port", "23")[0]
    self.assertEqual((found["reason"], found.get("policy"), found.get("mapping")),
                     ("unsolicited", "strict", "no-telnet"))

  def test_connections_are_told_by_who_opened_them(self):
    web, outsider = self.node("web1"), self.fleet.outsider
    listener = self.fleet.traffic(outsider, "listen", "tcp/8080")
    self.addCleanup(listener.close)
    self.assertEqual(probe.tcp(web, [(outsider.ipv6(), 8080)]).popitem()[1], "open")
    self.assertEqual(probe.tcp(outsider, [(web.ipv4(), 80)]).popitem()[1], "open")
    opened = records.wait(self.fleet, lambda all: all, "OPEN", "--action", "OPEN", "--port", "8080")
    self.assertEqual(ipaddress.ip_address(opened[-1]["source"]),
                     ipaddress.ip_address(web.ipv6()))
    inbound = records.wait(self.fleet, lambda all: all, "OPEN-INBOUND", "--action", "open-inbound",
                           "--port", "80")
    self.assertEqual(inbound[-1]["source"], outsider.ipv4())
    self.assertEqual((inbound[-1]["policy"], inbound[-1]["interface"]), ("watched", "eth0"))

  def test_following_shows_a_drop_at_once(self):
    """The median time from the packet to the CLI's output is below 200 ms."""
    follower = self.fleet.spawn("follow", self.fleet.controller_node.command(
        os.path.join(os.environ["FIREBREAK_BIN"], "cli/firebreak"), "--context", self.fleet.context,
        "logs", "-f", "-n", "0", "--action", "DROP", "-o", "json"))
    self.addCleanup(follower.close)
    # The first packet may come before the CLI follows the log.
    deadline = time.monotonic() + process.PATIENCE
    while not any('"destination_port":5000' in line for line in follower.lines()):
      self.assertLess(time.monotonic(), deadline, follower.tail())
      self.send_udp(5000)
      try:
        follower.wait_for_line('"destination_port":5000[^0-9]', timeout=0.5)
      except AssertionError:
        pass
    delays = []
    for port in range(5001, 5022):
      begun = time.monotonic()
      self.send_udp(port)
      follower.wait_for_line(f'"destination_port":{port}[^0-9]')
      delays.append(time.monotonic() - begun)
    self.assertLess(statistics.median(delays), 0.5, delays)
    print(f"\nlogs -f: median {statistics.median(delays) * 1000:.0f} ms, "
          f"worst {max(delays) * 1000:.0f} ms")

  def send_udp(self, port):
    def send():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"knock", (self.node("web1").ipv4(), port))
    self.fleet.outsider.inside(send)

  def test_the_log_is_printed_as_table_and_w3c(self):
    self.drop(4243)
    records.wait(self.fleet, lambda all: all, "the drop is in the log", "--port", "4243")
    table = self.fleet.cli("logs", "--port", "4243", check=0).stdout.splitlines()
    self.assertRegex(table[0], r"^TIME \(UTC\) +HOST +ACTION")
    self.assertRegex(table[1], r" web1 +DROP +TCP .*:4243 +eth0 +unsolicited S")
    w3c = self.fleet.cli("logs", "--port", "4243", "-o", "w3c", check=0).stdout
    with open(self.file, encoding="ascii") as lines:
      own = lines.read().splitlines()
    for line in w3c.splitlines():
      if line.startswith("#"):
        continue
      # The line is the host's own, with fractions of the second and the host's name.
      whole = re.fullmatch(r"(\S+ \d\d:\d\d:\d\d)\.\d{6} (.*) web1", line)
      self.assertIn(f"{whole[1]} {whole[2]}", own)
    self.assertIn("only the log", self.fleet.cli("host", "list", "-o", "w3c", check=2).stderr)

  def test_filters(self):
    self.drop(4244)
    records.wait(self.fleet, lambda all: all, "the drop is in the log", "--port", "4244")
    some = ["--port", "4244", "--host", "web1", "--action", "DROP", "--since", "1h", "--address",
            self.fleet.outsider.ipv4() + "/32"]
    self.assertTrue(records.search(self.fleet, *some))
    for one in (["--host", "db1"], ["--action", "CLOSE"], ["--since", "2999-01-01"],
                ["--until", "2000-01-01"], ["--address", "192.0.2.0/24"], ["--policy", "strict"],
                ["--reason", "invalid"]):
      self.assertEqual(records.search(self.fleet, "--port", "4244", *one), [], one)
    self.assertEqual(len(records.search(self.fleet, "-n", "1")), 1)
    self.assertIn("no host", self.fleet.cli("logs", "--host", "nobody", check=1).stderr)
    self.fleet.cli("logs", "--action", "FORGED", check=2)
    self.fleet.cli("logs", "--address", "300.1.1.1", check=3)
