# SPDX-License-Identifier: Apache-2.0
"""A host floods the fleet's log: other hosts' records stay, arrive, and are found."""

import os
import re
import socket
import subprocess
import time

from harness import burst
from harness import case
from harness import fleet as fleets
from harness import policies
from harness import process
from harness import records

_MIB = 1 << 20


class Flooded(case.FleetCase):
  """The outsider floods web1, and now and then knocks at ports of db1."""

  HOSTS = {"web1": {"role": "web"}, "db1": {"role": "db"}}
  OPTIONS = {"controller_flags": ["--log-max-size", "1MiB", "--log-max-age", "1d"]}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for name in cls.HOSTS:
      cls.fleet.apply(
          policies.group(name, "role", cls.HOSTS[name]["role"]) +
          policies.policy(name, name, 'firewall: "on"\n' +
                          records.logging(cls.fleet.path(f"{name}.log"))))

  def knock(self, port, host="db1"):
    def send():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"knock", (self.node(host).ipv4(), port))
    self.fleet.outsider.inside(send)

  def knocks(self):
    """The ports of the knocks that the controller's log has."""
    return [one["destination_port"]
            for one in records.search(self.fleet, "--host", "db1", "-n", "0")]

  def log_bytes(self):
    directory = os.path.join(self.fleet.controller_directory, "log")
    return sum(os.stat(os.path.join(directory, name)).st_blocks * 512
               for name in os.listdir(directory))


class Flood(Flooded):

  def test_others_records_stay_and_arrive(self):
    follower = self.fleet.spawn("follow", self.fleet.controller_node.command(
        fleets.program("firebreak"), "--context", self.fleet.context, "logs", "-f", "-n", "0",
        "--host", "db1", "-o", "json"))
    self.addCleanup(follower.close)
    ports = list(range(4000, 4008))
    self.knock(ports[0])
    records.wait(self.fleet, lambda all: len(all) == 1, "the first is there", "--host", "db1")
    delays = []
    for port in ports[1:]:
      burst.udp(self.fleet, "web1", 9, 0.3)
      begun = time.monotonic()
      self.knock(port)
      follower.wait_for_line(f'"destination_port":{port}[^0-9]')
      delays.append(time.monotonic() - begun)
    self.assertLess(sorted(delays)[len(delays) // 2], 1, delays)
    counted = records.counted(self.node("web1"))

    def arrived():
      newest = records.search(self.fleet, "--host", "web1", "-n", "1")
      return newest and int(newest[0].get("sequence", 0)) > counted / 2

    process.wait_until(arrived, "the flood is at the controller")
    self.assertEqual(self.knocks(), ports)
    self.assertLess(self.log_bytes(), 1.5 * _MIB)
    flooded = self.fleet.cli("logs", "--host", "web1", "-n", "0", "-o", "w3c",
                             check=0).stdout.count(" DROP ")
    self.assertGreater(flooded, 1000)
    self.assertLessEqual(flooded, counted)
    print(f"\n{counted} packets at the host that is flooded, {flooded} of its records kept in "
          f"{self.log_bytes() / _MIB:.2f} MiB; all {len(ports)} of the other's; "
          f"logs -f of the other: worst {max(delays) * 1000:.0f} ms")


class FloodOfAFullLog(Flooded):
  """The flood lasts until the controller has no room for more."""

  # The controller checks the size before it writes; it may then write a host's window, some hundred
  # KiB, in a segment of 128 KiB.
  _ALLOWED = 1.5 * _MIB

  def shown(self):
    return subprocess.Popen(
        self.fleet.controller_node.command(
            fleets.program("firebreak"), "--context", self.fleet.context, "logs", "--host", "web1",
            "-n", "0", "-o", "json"),
        stdout=subprocess.PIPE)

  def numbers(self):
    """The numbers of all records of web1 that the controller has, in its order."""
    with self.shown() as running:
      found = [_number(line) for line in running.stdout if b'"sequence"' in line]
    self.assertEqual(running.returncode, 0)
    return found

  def oldest(self):
    with self.shown() as running:
      found = next((_number(line) for line in running.stdout if b'"sequence"' in line), 0)
      running.kill()
    return found

  def flood(self):
    burst.udp(self.fleet, "web1", 9, 0.5)
    self.assertLess(self.log_bytes(), self._ALLOWED)

  def wait_arrived(self):
    """Waits for a last packet: records arrive in order, so all earlier ones have arrived too."""

    def arrived():
      self.knock(10, "web1")
      return records.search(self.fleet, "--host", "web1", "--port", "10", "-n", "1")

    process.wait_until(arrived, "the flood is at the controller")

  def assert_only_the_flooders_oldest_are_gone(self, ports):
    numbers = self.numbers()
    self.assertGreater(numbers[0], 1)
    self.assertEqual(numbers, list(range(numbers[0], numbers[-1] + 1)))
    self.assertEqual(self.knocks(), ports)
    self.assertLess(self.log_bytes(), self._ALLOWED)
    return numbers

  def test_its_oldest_go_and_nothing_else(self):
    ports = []
    # The other host's first record is older than all records that are deleted.
    while len(ports) < 3 or self.log_bytes() < 0.9 * _MIB or self.oldest() == 1:
      ports.append(4000 + len(ports))
      self.knock(ports[-1])
      records.wait(self.fleet, lambda all: all, "the knock is there", "--host", "db1", "--port",
                   str(ports[-1]))
      self.assertLess(len(ports), 500)
      self.flood()
    self.wait_arrived()
    numbers = self.assert_only_the_flooders_oldest_are_gone(ports)
    # The flooder keeps the room that no other host needs.
    self.assertGreater(self.log_bytes(), 0.5 * _MIB)

    self.fleet.controller.kill()
    self.fleet.start_controller()
    again = self.assert_only_the_flooders_oldest_are_gone(ports)
    self.assertGreaterEqual((again[0], again[-1]), (numbers[0], numbers[-1]))
    print(f"\n{records.counted(self.node('web1'))} packets at the host that is flooded, "
          f"{len(numbers)} records kept, from number {numbers[0]} on, in "
          f"{self.log_bytes() / _MIB:.2f} MiB; all {len(ports)} of the other's")


def _number(line):
  return int(re.search(rb'"sequence":"(\d+)"', line)[1])
