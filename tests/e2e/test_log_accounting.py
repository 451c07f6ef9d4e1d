# SPDX-License-Identifier: Apache-2.0
"""Packets counted as dropped are in the controller's log or declared lost, none twice."""

import array
import json
import os
import re
import socket
import subprocess
import threading
import time

from harness import burst
from harness import case
from harness import fleet as fleets
from harness import process
from harness import records


_LONG = 10  # in seconds


class Accounting(case.FleetCase):
  ALONE = True

  def setUp(self):
    self.file = self.fleet.path("web1.log")
    self.fleet.apply(records.watched(self.file))

  def flood(self, seconds):
    """Sends unsolicited packets as fast as one process can."""
    address = self.node("web1").ipv4()

    def send():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((address, 9))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
          for _ in range(500):
            try:
              sender.send(b"x")
            except OSError:  # ICMP reports an error, or a queue is full
              pass

    self.fleet.outsider.inside(send)

  def settle(self):
    """(packets counted, records, packets declared lost), once the sum agrees or nothing changes."""
    last = []

    def agree():
      found = self.all_records()
      dropped, lost = records.total(found)
      last[:] = [records.counted(self.node("web1")), dropped, lost, found]
      return last[0] == dropped + lost

    process.wait_until(agree, "every packet is accounted for")
    return last

  def all_records(self):
    done = self.fleet.cli("logs", "-n", "0", "-o", "json", check=0)
    return json.loads(done.stdout)

  def assert_no_duplicate(self, found):
    self.assertIsNone(records.repeated(found))

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
    self.fleet.wait_online("web1")
    counted, dropped, lost, found = self.settle()
    self.assert_no_duplicate(found)
    self.assertGreater(lost, 0)  # packets that were dropped while no agent ran
    print(f"\n{counted} packets: {dropped} records, {lost} declared lost")

  def test_3_a_rate_limit_declares_what_it_leaves_out(self):
    self.fleet.apply(records.watched(self.file, rate=100))
    before = records.total(self.all_records())
    self.flood(0.5)
    _, dropped, lost, _ = self.settle()
    self.assertLess(dropped - before[0], 1000)
    self.assertGreater(lost - before[1], 1000)

  def ten_seconds_of_a_flood_with_both_ends_killed(self, **fields):
    host, fleet = self.fleet.hosts["web1"], self.fleet
    fleet.apply(records.watched(self.file, **fields))
    before = self.tally()
    begun = time.monotonic()
    ended = []

    def send():
      burst.udp(fleet, "web1", 9, _LONG, senders=2)
      ended.append(time.monotonic())

    flood = threading.Thread(target=send)
    flood.start()
    time.sleep(2)  # of the ten seconds of the flood
    fleet.controller.kill()
    time.sleep(2)
    host.agent.kill()
    fleet.start_agent("web1")
    host.agent.wait_for_line("is in force")
    time.sleep(3)
    fleet.start_controller()
    flood.join()
    fleet.wait_online("web1")
    counted = records.counted(self.node("web1"))
    last = []

    def agree():
      last[:] = self.tally()
      return sum(last) == counted

    try:
      process.wait_until(agree, "every packet is accounted for", timeout=300)
    except AssertionError as error:
      raise AssertionError(f"{error}: {counted} counted, {last} recorded and lost") from error
    dropped = counted - sum(before)
    print(f"\n{dropped} packets counted as dropped in {ended[0] - begun:.1f} s, "
          f"{dropped / (ended[0] - begun) / 1e6:.2f} M/s: "
          f"{last[0] - before[0]} records, {last[1] - before[1]} declared lost, none unaccounted "
          "for, none twice")

  if os.environ.get("FIREBREAK_SLOW"):
    def test_4_ten_seconds(self):
      self.ten_seconds_of_a_flood_with_both_ends_killed(rate=10000)

    def test_5_ten_seconds_without_a_limit(self):
      self.ten_seconds_of_a_flood_with_both_ends_killed()

  def tally(self):
    """(records, packets declared lost) at the controller; asserts that no record is there twice."""
    dropped = lost = 0
    numbers = array.array("Q")
    with subprocess.Popen(
        self.fleet.controller_node.command(
            fleets.program("firebreak"), "--context", self.fleet.context, "logs", "-n", "0",
            "--reason", "unsolicited", "-o", "json"),
        stdout=subprocess.PIPE) as running:
      for line in running.stdout:
        if b'"DROP"' in line:
          dropped += 1
        elif b'"INFO-EVENTS-LOST"' in line:
          lost += int(re.search(rb'"lost":"(\d+)"', line)[1])
        number = re.search(rb'"sequence":"(\d+)"', line)
        if number:
          numbers.append(int(number[1]))
    self.assertEqual(running.returncode, 0)
    self.assertIsNone(records.repeated_number(numbers))
    return dropped, lost
