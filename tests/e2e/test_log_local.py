# SPDX-License-Identifier: Apache-2.0
"""The log that a host itself keeps, as shown on the host and to the fleet's administrators."""

import json
import os
import socket

from harness import case
from harness import fleet as fleets
from harness import process
from harness import records


class OwnLog(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "db1": {"role": "db"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.file = cls.fleet.path("web1.log")
    cls.fleet.apply(records.watched(cls.file))

  def send_udp(self, *ports):
    self.knock(*ports)
    process.wait_until(lambda: self.in_file(*ports), "they are in the file")

  def knock(self, *ports):
    def send():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for port in ports:
          sender.sendto(b"knock", (self.node("web1").ipv4(), port))
    self.fleet.outsider.inside(send)

  def in_file(self, *ports):
    return set(map(str, ports)) <= {one["dst-port"] for one in records.read_file(self.file)}

  def own(self, *flags):
    return json.loads(self.fleet.local("web1", "logs", *flags, "-o", "json", check=0).stdout)

  def fleets_own(self, *flags):
    """The controller's records, as the host's file has them."""
    found = records.search(self.fleet, *flags)
    for one in found:
      one.pop("sequence", None)  # records of losses have no sequence
      one["time"] = one["time"][:19] + "Z"  # in whole seconds
    return found

  def test_it_is_the_fleets_log_with_the_same_filters(self):
    self.send_udp(*range(4000, 4010))
    records.wait(self.fleet,
                 lambda all: sum(one.get("destination_port", 5000) < 4500 for one in all) == 10,
                 "all are at the controller", "-n", "0")
    address = self.fleet.outsider.ipv4()
    for flags in (["-n", "0"], ["-n", "3"], ["--port", "4004"], ["--port", "9"],
                  ["--address", f"{address}/28", "--since", "1h"], ["--action", "close"],
                  ["--policy", "watched", "-n", "2"], ["--until", "2000-01-01"]):
      # A record that is made meanwhile reaches one of the two first.
      process.wait_until(lambda flags=flags: self.own(*flags) == self.fleets_own(*flags) ==
                         self.fleet.json("host", "logs", "web1", *flags), f"all find the same {flags}")
    shown = self.fleet.local("web1", "logs", "-o", "w3c", "-n", "0", check=0).stdout
    with open(self.file, encoding="ascii") as file:
      self.assertEqual(shown.splitlines(), file.read().splitlines())
    table = self.fleet.local("web1", "logs", "--port", "4007", check=0).stdout
    self.assertRegex(table, r" web1 +DROP +UDP .*:4007 +eth0 +unsolicited")

  def test_it_is_followed_through_the_agents_end_and_without_a_controller(self):
    host = self.fleet.hosts["web1"]
    self.fleet.controller.kill()
    self.addCleanup(self.fleet.wait_online, "web1")
    self.addCleanup(self.fleet.start_controller)
    self.send_udp(5000)
    follower = self.fleet.spawn("follow", host.node.command(
        fleets.program("firebreak"), "--local", "--socket", host.socket, "logs", "-f", "-n", "1",
        "--port", "5001", "-o", "json"))
    self.addCleanup(follower.close)
    self.send_udp(5001)
    follower.wait_for_line('"destination_port":5001')
    host.agent.kill()
    self.fleet.start_agent("web1")
    host.agent.wait_for_line("is in force")
    # Packets that are dropped before the agent listens to the kernel's log are declared lost.
    process.wait_until(lambda: self.knock(5002) or self.in_file(5002), "it records again")
    self.send_udp(5001)
    process.wait_until(lambda: len([line for line in follower.lines() if "5001" in line]) == 2,
                       "it goes on")
    self.assertFalse([line for line in follower.lines() if "5000" in line or "5002" in line])

  def test_what_cannot_be_had_is_said(self):
    done = self.fleet.cli("host", "logs", "db1", check=1)
    self.assertIn("there is no log at", done.stderr)
    self.fleet.local("web1", "logs", "--host", "web1", check=2)
    self.assertIn("300.1.1.1",
                  self.fleet.local("web1", "logs", "--address", "300.1.1.1", check=1).stderr)
    self.assertIn("nobody", self.fleet.cli("host", "logs", "nobody", check=1).stderr)
    os.rename(self.file, self.file + ".away")
    self.addCleanup(os.rename, self.file + ".away", self.file)
    os.symlink("/etc/passwd", self.file)
    self.addCleanup(os.unlink, self.file)
    self.assertNotIn("root", self.fleet.local("web1", "logs", check=1).stdout)
