"""A host that floods the fleet's log: others' records stay, arrive, and are found."""

import os
import socket
import time

from harness import burst
from harness import case
from harness import fleet as fleets
from harness import policies
from harness import process
from harness import records

_MIB = 1 << 20


class Flood(case.FleetCase):
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

  def knock(self, port):
    def send():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"knock", (self.node("db1").ipv4(), port))
    self.fleet.outsider.inside(send)

  def log_bytes(self):
    directory = os.path.join(self.fleet.controller_directory, "log")
    return sum(os.stat(os.path.join(directory, name)).st_blocks * 512
               for name in os.listdir(directory))

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

    process.wait_until(arrived, 30, "the flood is at the controller")
    found = records.search(self.fleet, "--host", "db1", "-n", "0")
    self.assertEqual([one["destination_port"] for one in found], ports)
    self.assertLess(self.log_bytes(), 1.5 * _MIB)
    flooded = self.fleet.cli("logs", "--host", "web1", "-n", "0", "-o", "w3c",
                             check=0).stdout.count(" DROP ")
    self.assertGreater(flooded, 1000)
    self.assertLessEqual(flooded, counted)
    print(f"\n{counted} packets at the host that is flooded, {flooded} of its records kept in "
          f"{self.log_bytes() / _MIB:.2f} MiB; all {len(ports)} of the other's; "
          f"logs -f of the other: worst {max(delays) * 1000:.0f} ms")
