# SPDX-License-Identifier: Apache-2.0
"""The questions that the fleet's log answers, in every format."""

import csv
import io
import json
import os
import shutil
import socket

from harness import case
from harness import policies
from harness import process
from harness import records


class Asking(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}, "db1": {"role": "db"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(
        policies.group("web", "role", "web") + policies.group("db", "role", "db") +
        policies.policy("watched", "web", 'firewall: "on"\n' +
                        records.logging(cls.fleet.path("web.log"))) +
        policies.policy("guarded", "db", 'firewall: "on"\n' +
                        records.logging(cls.fleet.path("db.log"))))
    for name, ports in (("web1", (4001, 4002, 4003)), ("web2", (4001,)), ("db1", (4001, 4001))):
      cls.send(name, *ports)
    records.wait(cls.fleet, lambda all: len(all) == 6, "all are there", *cls.SOME, "-n", "0")

  # The outsider causes no other drops over IPv4 and UDP.
  SOME = ("--protocol", "udp", "--destination-port", "4001", "--destination-port", "4002",
          "--destination-port", "4003")

  @classmethod
  def send(cls, name, *ports):
    def body():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for port in ports:
          sender.sendto(b"x", (cls.fleet.hosts[name].node.ipv4(), port))
    cls.fleet.outsider.inside(body)

  def count(self, *flags):
    return len(records.search(self.fleet, *self.SOME, "-n", "0", *flags))

  def test_filters(self):
    outsider = self.fleet.outsider.ipv4()
    web1 = self.fleet.hosts["web1"].node.ipv4()
    for flags, found in (
        ((), 6), (("--source", outsider), 6), (("--destination", outsider), 0),
        (("--destination", web1), 3), (("--address", f"::ffff:{web1}"), 3),
        (("--host", "web1", "--host", "web2"), 4), (("--group", "web"), 4),
        (("--group", "web", "--host", "web2"), 1), (("--not", "host=db1"), 4),
        (("--not", "group=web"), 2), (("--not", "destination-port=4001"), 2),
        (("--policy", "guarded"), 2), (("--policy", "guarded", "--policy", "watched"), 6),
        (("--interface", "eth0"), 6), (("--location", "elsewhere"), 6),
        (("--not", "location=elsewhere"), 0), (("--protocol", "17"), 6),
        (("--reason", "unsolicited", "--not", f"destination={web1}"), 3)):
      with self.subTest(flags):
        self.assertEqual(self.count(*flags), found)

  def test_what_cannot_be_meant_is_refused(self):
    for flags, status, said in (
        (("--policy", ""), 2, "empty"), (("--policy", "gone"), 1, "there is no policy"),
        (("--group", "nobody"), 1, "nobody"), (("--not", "colour=red"), 2, "colour"),
        (("--since", "10m", "--until", "20m"), 2, "later"),
        (("--since", "25:00"), 2, "is not a time"),
        (("--zone", "Nowhere/Town"), 2, "is not a time zone"),
        (("--protocol", "sctpx"), 3, "protocol"), (("--after", "behind"), 3, "position")):
      with self.subTest(flags):
        self.assertIn(said, self.fleet.cli("logs", *flags, check=status).stderr)

  def test_times_as_people_write_them(self):
    for flags, found in ((("--since", "2w"), 6), (("--until", "2w"), 0),
                         (("--since", "2000-01-01T10:00"), 6),
                         (("--since", "2000-01-01T10:00+01:00"), 6)):
      with self.subTest(flags):
        self.assertEqual(self.count(*flags), found)
    table = self.fleet.cli("logs", *self.SOME, "--zone", "Asia/Tokyo", check=0).stdout
    self.assertIn("TIME (Asia/Tokyo)", table)

  def test_every_format_has_the_same_records(self):
    found = records.search(self.fleet, *self.SOME, "-n", "0")
    lines = self.fleet.cli("logs", *self.SOME, "-o", "jsonl", check=0).stdout.splitlines()
    self.assertEqual([json.loads(line) for line in lines], found)
    rows = list(csv.DictReader(io.StringIO(
        self.fleet.cli("logs", *self.SOME, "-o", "csv", check=0).stdout)))
    self.assertEqual([(row["host"], row["source"], row["destination_port"], row["sequence"])
                      for row in rows],
                     [(one["host"], one["source"], str(one["destination_port"]), one["sequence"])
                      for one in found])
    w3c = self.fleet.cli("logs", *self.SOME, "-o", "w3c", check=0).stdout.splitlines()
    self.assertTrue(w3c[3].endswith(" x-host"))
    self.assertEqual([line.split(" ")[-1] for line in w3c if not line.startswith("#")],
                     [one["host"] for one in found])

  def test_others_read_on_where_one_has_ended(self):
    def ask(*flags):
      done = self.fleet.cli("logs", "--port", "4999", "--show-cursor", "-o", "jsonl", *flags,
                            check=0)
      return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.split()[-1]
    _, cursor = ask()
    self.send("web1", 4999)
    records.wait(self.fleet, lambda all: len(all) == 1, "it is there", "--port", "4999")
    found, cursor = ask("--after", cursor)
    self.assertEqual([one["destination_port"] for one in found], [4999])
    self.assertEqual(ask("--after", cursor)[0], [])

  def test_counts(self):
    def top(by, *flags):
      return [(row[by], row["records"]) for row in json.loads(self.fleet.cli(
          "logs", "top", by, *self.SOME, *flags, "-o", "json", check=0).stdout)]
    self.assertEqual(top("port"), [("UDP/4001", 4), ("UDP/4002", 1), ("UDP/4003", 1)])
    self.assertEqual(top("host", "--show", "1"), [("web1", 3)])
    self.assertEqual(top("source"), [(self.fleet.outsider.ipv4(), 6)])
    self.assertEqual(dict(top("policy")), {"watched": 4, "guarded": 2})
    bars = json.loads(self.fleet.cli("logs", "histogram", *self.SOME, "--interval", "24h", "-o",
                                     "json", check=0).stdout)
    self.assertEqual(sum(bar["records"] for bar in bars), 6)
    for verb in (("top", "source"), ("histogram",)):
      self.assertIn("there is no policy",
                    self.fleet.cli("logs", *verb, "--policy", "gone", check=1).stderr)
      self.assertIn("w3c", self.fleet.cli("logs", *verb, "-o", "w3c", check=2).stderr)

  def test_from_a_record_to_the_reason(self):
    asked = ("logs", "--explain", "--host", "web1", "--destination-port", "4002")
    text = self.fleet.cli(*asked, check=0).stdout
    self.assertRegex(text, "then  was dropped: nobody on this host asked.*; policy watched; "
                           "at elsewhere")
    self.assertRegex(text, "now   is dropped: nobody on this host asked")
    more = next(line for line in text.splitlines() if line.startswith("  more  firebreak "))
    trace = self.fleet.cli(*more.split()[2:], check=0).stdout
    self.assertRegex(trace, "verdict +drop")
    # The policy changes: the record stays, what would happen now does not.
    opened = policies.policy("opened", "web", "port_mappings: [{name: test, protocol: udp, "
                                              "ports: [4002]}]\n")
    self.fleet.apply(opened)
    self.addCleanup(self.fleet.cli, "delete", "policy", "opened", "--wait")
    [one] = json.loads(self.fleet.cli(*asked, "-o", "json", check=0).stdout)
    self.assertEqual(one["record"]["destination_port"], 4002)
    self.assertEqual((one["now"]["verdict"], one["now"]["policy"], one["now"]["mapping"]),
                     ("accept", "opened", "test"))
    self.fleet.hosts["web2"].agent.stop()
    self.addCleanup(self.fleet.wait_online, "web2")
    self.addCleanup(self.fleet.start_agent, "web2")
    [one] = [json.loads(line) for line in self.fleet.cli(
        "logs", "--explain", "--host", "web2", "--port", "4001", "-o", "jsonl",
        check=0).stdout.splitlines()]
    self.assertIn("offline", one["error"])
    for flags in (("-f",), ("-n", "0"), ("-o", "csv"), ("--show-cursor",)):
      self.fleet.cli("logs", "--explain", *flags, check=2)


class Damaged(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(records.watched(cls.fleet.path("web1.log")))

  def send_only(self, port):
    def body():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", (self.fleet.hosts["web1"].node.ipv4(), port))
    self.fleet.outsider.inside(body)

  def send(self, port):
    self.send_only(port)
    records.wait(self.fleet, lambda all: len(all) == 1, "it is there", "--port", str(port))

  def test_every_search_is_told_what_is_missing_in_every_format(self):
    for port in (4001, 4002, 4003):
      self.send(port)
    self.fleet.controller.kill()
    segment = os.path.join(self.fleet.controller_directory, "log", "0000000000000001.segment")
    with open(segment, "r+b") as file:
      content = bytearray(file.read())
      # The change is in the columns of the second block, behind the name of the host.
      second = content.index(b"web1", content.index(b"B\x04web1") + 10)
      content[second + 40] ^= 1
      file.seek(0)
      file.write(content)
    os.mkdir(segment.replace("01.segment", "ff.segment"))
    self.fleet.start_controller()
    self.fleet.wait_online("web1")
    ports = "4001 4002 4003".split()
    for output, sign in (("table", "log.damaged"), ("json", "log.damaged"),
                         ("jsonl", "log.damaged"), ("yaml", "log.damaged"),
                         ("csv", "log.damaged"), ("w3c", "log.damaged")):
      with self.subTest(output):
        done = self.fleet.cli("logs", "-n", "0", "-o", output, check=1)
        self.assertIn("incomplete", done.stderr)
        self.assertIn(sign, done.stdout)
        self.assertIn("INFO-EVENTS-LOST", done.stdout)
        self.assertEqual(sum(port in done.stdout for port in ports), 2)
    # The controller takes records as before, and newer records are intact.
    self.send_only(4004)
    process.wait_until(
        lambda: records.search(self.fleet, "-n", "1")[0].get("destination_port") == 4004,
        "the newest is found without a word")


class Restored(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  def test_an_older_copy_of_the_state_takes_no_record_away(self):
    fleet, host = self.fleet, self.fleet.hosts["web1"]
    fleet.apply(records.watched(fleet.path("web1.log")))

    def send(port, count):
      def body():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
          for _ in range(count):
            sender.sendto(b"x", (host.node.ipv4(), port))
      fleet.outsider.inside(body)
      records.wait(fleet, lambda all: len(all) == count, "all are there", "--port", str(port))

    send(4001, 3)
    host.agent.stop()
    copy = fleet.path("copy")
    shutil.copytree(host.state_directory, copy,
                    ignore=lambda _, names: [name for name in names if name.endswith(".sock")])
    fleet.start_agent("web1")
    fleet.wait_online("web1")
    send(4002, 20)
    host.agent.stop()
    shutil.rmtree(host.state_directory)
    shutil.move(copy, host.state_directory)
    fleet.start_agent("web1")
    fleet.wait_online("web1")
    send(4003, 10)


class Unwritable(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  def test_a_log_file_that_is_not_to_be_had_is_told_in_status(self):
    precious = self.fleet.path("precious")
    with open(precious, "w", encoding="ascii") as file:
      file.write("[Unit]\n")
    for path, said in (("/etc/firebreak-test.log", "--log-dir"),
                       (self.fleet.path("nowhere/web1.log"), "no directory"),
                       (precious, "another program's")):
      with self.subTest(path):
        self.fleet.apply(records.watched(path))
        process.wait_until(
            lambda said=said: said in self.fleet.cli("host", "status", "web1").stdout,
            "status tells of it")
        self.assertIn(said, self.fleet.local("web1", "status", check=0).stdout)
    self.assertFalse(os.path.exists("/etc/firebreak-test.log"))
    with open(precious, encoding="ascii") as file:
      self.assertEqual(file.read(), "[Unit]\n")
    self.fleet.apply(records.watched(self.fleet.path("web1.log")))
    process.wait_until(
        lambda: "precious" not in self.fleet.cli("host", "status", "web1").stdout,
        "all is well again")
