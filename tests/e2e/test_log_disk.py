# SPDX-License-Identifier: Apache-2.0
"""The logs of host and controller on a full disk: every record is counted or declared lost."""

import os
import socket
import tempfile

from harness import case
from harness import cleanup
from harness import disk
from harness import fleet as fleets
from harness import process
from harness import records


class FullDisk(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    scope = cleanup.Scope()
    cls.addClassCleanup(scope.close)
    cls.controller_disk = disk.mount(scope, tempfile.mkdtemp(prefix=cleanup.PREFIX), 24)
    cls.fleet = fleets.Fleet(
        cls.HOSTS, controller_directory=os.path.join(cls.controller_disk, "data"), start=False)
    scope.callback(cls.fleet.close)
    host = cls.fleet.hosts["web1"]
    os.makedirs(host.state_directory, exist_ok=True)
    cls.host_disk = disk.mount(scope, host.state_directory, 24)
    cls.file = os.path.join(cls.host_disk, "web1.log")
    cls.fleet.start_controller()
    cls.fleet.enrol("web1")
    cls.fleet.wait_online("web1")
    cls.fleet.apply(records.watched(cls.file))

  def fill(self, directory):
    path = disk.fill(directory)
    self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
    return path

  def send(self, count, port):
    address = self.node("web1").ipv4()

    def body():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(count):
          sender.sendto(b"x", (address, port))
    self.fleet.outsider.inside(body)

  def assert_accounted_for(self):
    """Asserts that packets counted by the kernel are at the controller or declared lost."""
    last = []

    def agree():
      found = records.search(self.fleet, "-n", "0")
      last[:] = [records.counted(self.node("web1")), *records.total(found), found]
      return last[0] == last[1] + last[2]

    try:
      process.wait_until(agree, "every packet is accounted for")
    except AssertionError as error:
      raise AssertionError(f"{error}: counted, recorded, lost: {last[:3]}") from error
    self.assertIsNone(records.repeated(last[3]))
    return last

  def test_of_the_host(self):
    self.send(20, 4001)
    process.wait_until(lambda: len(records.read_file(self.file)) >= 20, "they are in the file")
    written = len(records.read_file(self.file))
    filler = self.fill(self.host_disk)
    agent = self.fleet.hosts["web1"].agent
    mark = agent.mark()
    # Records that still fit into allocated pages are kept.
    for _ in range(20):
      self.send(500, 4002)
    agent.wait_for_line("No space left", after=mark)
    self.assertTrue(agent.running())
    # The error is not logged for each packet.
    self.assertLess(agent.tail(1000).count("No space left"), 10)
    os.unlink(filler)
    self.send(20, 4003)
    agent.wait_for_line("takes (lines|records) again", after=mark)
    counted, recorded, lost, _ = self.assert_accounted_for()
    process.wait_until(
        lambda: sum(one["dst-port"] == "4003" for one in records.read_file(self.file)) == 20,
        "the file goes on")
    lines = records.read_file(self.file)[written:]
    missing = sum(int(one["info"]) for one in lines if one["x-reason"] == "file")
    print(f"\n{counted} packets: {recorded} records at the controller, {lost} declared lost; "
          f"{missing} lines missing in the file, as it says")
    self.assertGreater(missing, 0)

  def test_of_the_controller(self):
    self.send(20, 5001)
    records.wait(self.fleet, lambda all: len(all) == 20, "they are there", "--port", "5001",
                 "-n", "0")
    filler = self.fill(self.controller_disk)
    mark = self.fleet.controller.mark()
    for _ in range(10):
      self.send(300, 5002)
    self.fleet.controller.wait_for_line("trying again until it works", after=mark)
    # Searches are answered, and the host keeps the records that it cannot send.
    self.assertEqual(len(records.search(self.fleet, "--port", "5001", "-n", "0")), 20)
    os.unlink(filler)
    records.wait(self.fleet, lambda all: len(all) == 3000, "they arrive", "--port", "5002",
                 "-n", "0")
    self.assert_accounted_for()
