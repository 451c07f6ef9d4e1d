"""What the kernel counts as dropped is in the controller's log, or declared lost; nothing twice."""

import json
import socket
import time

from harness import case
from harness import policies
from harness import process
from harness import records


class Accounting(case.FleetCase):
  ALONE = True

  def setUp(self):
    self.file = self.fleet.path("web1.log")
    self.fleet.apply(
        policies.group("web", "role", "web") +
        policies.policy("watched", "web", 'firewall: "on"\n' + records.logging(self.file)))

  def flood(self, seconds):
    """Unsolicited packets as fast as one process can send them."""
    address = self.node("web1").ipv4()

    def send():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((address, 9))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
          for _ in range(500):
            try:
              sender.send(b"x")
            except OSError:  # ICMP's answer, or a full queue
              pass

    self.fleet.outsider.inside(send)

  def settle(self):
    """(packets counted, records, packets declared lost), once they agree or nothing changes."""
    last = []

    def agree():
      found = self.all_records()
      dropped, lost = records.total(found)
      last[:] = [records.counted(self.node("web1")), dropped, lost, found]
      return last[0] == dropped + lost

    process.wait_until(agree, 30, "every packet is accounted for")
    return last

  def all_records(self):
    done = self.fleet.cli("logs", "-n", "0", "-o", "json", check=0)
    return json.loads(done.stdout)

  def assert_no_duplicate(self, found):
    numbers = [one["sequence"] for one in found if one.get("sequence", "0") != "0"]
    self.assertEqual(len(numbers), len(set(numbers)))

  def test_1_a_flood_is_recorded_or_declared(self):
    self.flood(1)
    counted, dropped, lost, found = self.settle()
    self.assertGreater(counted, 1000)
    self.assert_no_duplicate(found)
    print(f"\n{counted} packets: {dropped} records, {lost} declared lost")

  def test_2_neither_end_loses_anything_by_being_killed(self):
    host = self.fleet.hosts["web1"]
    self.fleet.controller.kill()
    self.flood(0.5)
    host.agent.kill()
    self.flood(0.3)
    self.fleet.start_agent("web1")
    host.agent.wait_for_line("is in force")
    self.flood(0.3)
    self.fleet.start_controller()
    self.fleet.wait_online("web1", timeout=60)
    counted, dropped, lost, found = self.settle()
    self.assert_no_duplicate(found)
    self.assertGreater(lost, 0)  # what was dropped while there was no agent
    print(f"\n{counted} packets: {dropped} records, {lost} declared lost")

  def test_3_a_rate_limit_declares_what_it_leaves_out(self):
    self.fleet.apply(
        policies.group("web", "role", "web") +
        policies.policy("watched", "web",
                        'firewall: "on"\n' + records.logging(self.file, rate=100)))
    before = records.total(self.all_records())
    self.flood(0.5)
    _, dropped, lost, _ = self.settle()
    self.assertLess(dropped - before[0], 1000)
    self.assertGreater(lost - before[1], 1000)
