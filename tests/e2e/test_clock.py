# SPDX-License-Identifier: Apache-2.0
"""Clocks are set back while the fleet runs: first the host's, then the controller's."""

import datetime
import json
import os
import re
import socket

from harness import case
from harness import clock
from harness import fleet as fleets
from harness import policies
from harness import process
from harness import records

_DAY = datetime.timedelta(days=1)
_HOUR = datetime.timedelta(hours=1)
_FLOOD = 2_000  # the number of packets
_REASONS = ("unsolicited", "blocked")


class ClockSetBack(case.FleetCase):
  """The tests run in the order of their names, on one fleet.

  Incoming packets have the kernel's time, which no test sets; packets that the host sends have the
  agent's time.
  """

  @classmethod
  def setUpClass(cls):
    cls.clocks = {"controller": clock.Clock(), "web1": clock.Clock()}
    for one in cls.clocks.values():
      cls.addClassCleanup(one.close)
    # The certificates are then older than the clocks will be.
    cls.clocks["controller"].set("-3d")
    cls.fleet = fleets.Fleet(cls.HOSTS, clocks=cls.clocks)
    cls.addClassCleanup(cls.fleet.close)
    cls.clocks["controller"].set("+0")
    cls.host = cls.fleet.hosts["web1"]
    cls.file = cls.fleet.path("web1.log")
    cls.fleet.apply(cls.policy())
    cls.follower = cls.fleet.spawn("follow", cls.fleet.controller_node.command(
        fleets.program("firebreak"), "--context", cls.fleet.context, "logs", "-f", "-n", "99", "-o",
        "json"))

  @classmethod
  def policy(cls):
    return records.watched(cls.file) + policies.policy(
        "silent", "web", "outbound: {block: [{protocol: udp, ports: 4000-5000}]}\n")

  def send(self, port, count):
    """Sends packets that the host drops, half of them its own."""

    def packets(address):
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(count):
          try:
            sender.sendto(b"x", (address, port))
          except PermissionError:  # the kernel drops the packet and tells the sender
            pass

    outsider, node = self.fleet.outsider, self.host.node
    outsider.inside(lambda: packets(node.ipv4()))
    node.inside(lambda: packets(outsider.ipv4()))

  def knock(self, port):
    """Sends two such packets; returns the record of the host's own once the controller has both."""
    self.send(port, 1)
    for reason in _REASONS:
      self.follower.wait_for_line(f'"destination_port":{port}[^0-9].*"reason":"{reason}"')
    found = records.wait(self.fleet, lambda all: len(all) == 2, "both are found", "-n", "0",
                         "--port", str(port))
    return next(one for one in found if one["reason"] == "blocked")

  def set_in_a_flood(self, which, offset, now):
    """Sets a clock by a day during a flood; returns when `now` shows that the program has noticed.

    Programs look at the clock every 2 s.
    """
    begun = now()
    self.send(4999, _FLOOD)
    self.clocks[which].set(offset)
    self.send(4999, _FLOOD)
    process.wait_until(lambda: abs(now() - begun) > _DAY / 2, "the clock is set")
    self.send(4999, _FLOOD)

  def host_s_time(self):
    self.send(4999, 1)
    return _time(records.search(self.fleet, "-n", "1", "--reason", "blocked")[0])

  def controller_s_time(self):
    self.fleet.token()
    return _time(self.fleet.json("audit", "-n", "1")[0], "at")

  def assert_accounted_for(self):
    """Asserts that each packet is a record or declared lost, and that none is counted twice."""
    found = []

    def differing():
      found[:] = records.search(self.fleet, "-n", "0")
      pairs = {reason: (records.counted(self.host.node, f"drop.{reason}"),
                        *records.total(found, reason)) for reason in _REASONS}
      return {reason: each for reason, each in pairs.items() if each[0] != each[1] + each[2]}

    try:
      process.wait_until(lambda: not differing(), "every packet is accounted for")
    except AssertionError as error:
      raise AssertionError(f"{error}: counted, recorded, lost: {differing()}") from None
    self.assertIsNone(records.repeated(found))

  def drift(self):
    """Lets another program change the host's rules; returns when the audit trail says so."""
    before = len(self.drifts())
    self.host.node.run("nft", "flush chain inet firebreak input")
    process.wait_until(lambda: len(self.drifts()) > before, "the trail tells of the drift")

  def drifts(self):
    return [row for row in self.fleet.audit() if row["action"] == "drift"]

  def assert_well(self):
    for one in (self.host.agent, self.fleet.controller, self.follower):
      self.assertTrue(one.running(), one.name)
    self.assertEqual(self.fleet.status("web1")["state"], "online")
    # A revision works completely: it reaches the kernel, and its receipt comes back.
    self.fleet.apply(self.policy() + policies.group(f"at-{self.fleet.revision()}", "role", "none"))
    done = self.fleet.cli("audit", "verify", "--anchor", self.fleet.path("anchor"), check=0)
    self.assertRegex(done.stdout, r"whole +\d+ rows")

  def ports(self, *flags):
    """The ports of the host's own packets, without the flood's, from the controller's log."""
    return _ports(records.search(self.fleet, "-n", "0", "--reason", "blocked", *flags))

  def own_ports(self, *flags):
    """The ports of the host's own packets, without the flood's, from the host's own file."""
    return _ports(json.loads(self.fleet.local(
        "web1", "logs", "-n", "0", "-o", "json", "--reason", "blocked", *flags, check=0).stdout))

  def test_1_the_host_s(self):
    before = _time(self.knock(4001))
    self.set_in_a_flood("web1", "-1d", self.host_s_time)
    after = _time(self.knock(4002))
    self.assertLess(abs(before - _DAY - after), _HOUR)
    self.assert_accounted_for()
    # Each record has the time that the host's clock showed.
    for ports in (self.ports, self.own_ports):
      self.assertEqual(ports(), {4001, 4002})
      self.assertEqual(ports("--since", "12h"), {4001})
      self.assertEqual(ports("--since", "36h"), {4001, 4002})
      self.assertEqual(ports("--since", "36h", "--until", "12h"), {4002})
    self.assert_well()

  def test_2_the_host_s_and_its_agent_dies(self):
    self.host.agent.kill()
    self.send(4998, 10)
    self.fleet.start_agent("web1")
    self.host.agent.wait_for_line("is in force")
    self.fleet.wait_online("web1")
    self.knock(4003)
    self.assert_accounted_for()
    self.assertEqual(self.own_ports("--since", "36h", "--until", "12h") - {4998}, {4002, 4003})

  def test_3_the_controller_s(self):
    self.set_in_a_flood("web1", "+0", self.host_s_time)
    before = _time(self.knock(4004))
    self.drift()
    self.set_in_a_flood("controller", "-1d", self.controller_s_time)
    after = _time(self.knock(4005))
    self.assertLess(abs(after - before), _HOUR)
    self.assert_accounted_for()
    self.assertEqual(self.ports("--since", "12h") - {4998}, {4001, 4004, 4005})
    # Rows that are written once a minute do not wait until the clock has caught up.
    self.drift()
    self.assert_well()


class ClockAhead(case.FleetCase):
  """A fleet whose clocks were weeks ahead when it was made, and are right afterwards."""

  @classmethod
  def setUpClass(cls):
    cls.clock = clock.Clock()
    cls.addClassCleanup(cls.clock.close)
    cls.clock.set("+60d")
    cls.fleet = fleets.Fleet(
        cls.HOSTS, clocks={"controller": cls.clock, "web1": cls.clock}, start=False)
    cls.addClassCleanup(cls.fleet.close)

  def cli(self, *arguments):
    """Runs the CLI by the same clock."""
    return self.fleet.controller_node.run(
        *self.clock.command, fleets.program("firebreak"), "--context", self.fleet.context,
        *arguments, check=False).stdout

  def test_administrators_and_hosts_connect_with_what_they_have(self):
    self.fleet.spawn_controller()
    self.fleet.controller.wait_for_line("listening on")
    token = process.wait_until(lambda: self.cli("token", "create").strip(), "a token")
    self.fleet.start_agent("web1", token=token)
    process.wait_until(lambda: "online" in self.cli("host", "list"), "web1 is online")
    with open(self.fleet.context, encoding="utf-8") as context:
      copy = self.fleet.write(context.read())
    os.chmod(copy, 0o600)
    self.fleet.hosts["web1"].agent.kill()
    self.fleet.controller.kill()
    self.clock.set("+0")
    # None of the certificates is valid yet by the true time.
    self.fleet.start_controller()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))
    self.fleet.cli("host", "list", context=copy, check=0)


def _time(row, key="time"):
  return datetime.datetime.fromisoformat(re.sub(r"\.\d+|Z$", "", row[key]))


def _ports(found):
  return {one["destination_port"] for one in found if "destination_port" in one} - {4999}
