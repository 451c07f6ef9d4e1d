# SPDX-License-Identifier: Apache-2.0
"""Each interface is where it is proven to be, and follows its cable quickly."""

import statistics
import time

from harness import case
from harness import locations
from harness import probe
from harness import process

OFFICE, CAFE = 0, 1
TIMES = 4  # tests/bench/location measures this precisely


class TwoInterfaces(case.FleetCase):
  """eth0 is at the office, and eth1 is in the café."""

  HOSTS = {"laptop": {"role": "laptop"}}
  OPTIONS = {"interfaces": 2}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.laptop = cls.fleet.hosts["laptop"]
    controller = cls.fleet.controller_node
    controller.run("ip", "link", "delete", "eth1")
    cls.corp, _ = locations.corp_beside_the_controller(cls.fleet)
    cls.fleet.listen("laptop", "tcp/80")
    cls.fleet.apply(cls.corp.text + locations.off_at_corp())
    locations.wait_place(cls.fleet, "laptop", "corp")

  def test_each_has_its_own_rules(self):
    self.assertEqual(locations.place(self.fleet, "laptop", 1)["location"], "elsewhere")
    for i, state in ((OFFICE, "open"), (CAFE, "filtered")):
      for address in self.laptop.node.addresses(i):
        self.assertEqual(probe.tcp_one(self.fleet.outsider, address, 80), state, address)

  def test_nothing_is_forwarded_between_them(self):
    controller, outsider = self.fleet.controller_node, self.fleet.outsider
    outsider.run("ip", "route", "add", f"{controller.ipv4()}/32", "via",
                 self.laptop.node.ipv4(CAFE), "dev", "eth1")
    self.addCleanup(outsider.run, "ip", "route", "delete", f"{controller.ipv4()}/32")
    before = self.forwarded()
    outsider.run("ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", controller.ipv4(), check=False)
    self.assertEqual(self.forwarded(), before)

  def forwarded(self):
    """The number of packets for the office that left through eth0 on behalf of other hosts."""
    counters = self.laptop.node.run("cat", "/proc/net/snmp").stdout.splitlines()
    names, values = [line.split() for line in counters if line.startswith("Ip:")]
    return int(values[names.index("ForwDatagrams")])

  def test_the_reasons_are_told(self):
    page = self.fleet.cli("host", "status", "laptop", check=0).stdout
    self.assertRegex(page, r"eth0 at corp since .*beacon\.corp\.internal")
    self.assertRegex(page, r"eth1 not at corp: .*no answer")
    done = self.fleet.cli("location", "test", "laptop", "--interface", "eth0", check=0)
    self.assertRegex(done.stdout, r"eth0 at corp, .*: proven")
    self.assertRegex(done.stdout, r"passed +certificate")

  def test_a_flow_that_the_cafe_does_not_admit_ends(self):
    node, outsider = self.laptop.node, self.fleet.outsider
    transfer = self.fleet.traffic(outsider, "transfer", node.ipv4(OFFICE), "80")
    self.addCleanup(transfer.close)
    carrier = locations.Carrier(self.fleet, "laptop")
    mark = self.laptop.agent.mark()
    carrier.unplug()
    self.laptop.agent.wait_for_line("1 flows were ended", mark)
    mark = self.laptop.agent.mark()
    carrier.plug(OFFICE)
    locations.wait_agent(self.laptop, "corp", after=mark)

  def test_the_rules_follow_the_cable(self):
    carrier = locations.Carrier(self.fleet, "laptop")
    down, up = [], []
    for _ in range(TIMES):
      mark = self.laptop.agent.mark()
      begun = time.monotonic()
      carrier.unplug()
      locations.wait_agent(self.laptop, "elsewhere", after=mark)
      down.append(time.monotonic() - begun)
      self.assertEqual(locations.leases(self.laptop), [])
      mark = self.laptop.agent.mark()
      begun = time.monotonic()
      carrier.plug(OFFICE)
      locations.wait_agent(self.laptop, "corp", after=mark)
      up.append(time.monotonic() - begun)
    print(f"    demoted after {statistics.median(down) * 1e3:.1f} ms, promoted after "
          f"{statistics.median(up) * 1e3:.0f} ms (medians of {TIMES}, programs' starts included)")


class Bridge(case.FleetCase):
  """br9 has the addresses; its ports are eth0, which leads to the office, and eth1, to the café."""

  HOSTS = {"laptop": {"role": "laptop"}}
  OPTIONS = {"interfaces": 2}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.laptop = cls.fleet.hosts["laptop"]
    controller, node = cls.fleet.controller_node, cls.laptop.node
    controller.run("ip", "link", "delete", "eth1")
    mac = node.run("cat", "/sys/class/net/eth0/address").stdout.strip()
    node.run("ip", "link", "add", "br9", "address", mac, "type", "bridge", "mcast_snooping", "0")
    for port in (OFFICE, CAFE):
      node.run("ip", "address", "flush", "dev", f"eth{port}")
      node.run("ip", "link", "set", f"eth{port}", "master", "br9")
      node.run("ip", "address", "add", f"{node.ipv4(port)}/24", "dev", "br9")
    node.run("ip", "link", "set", "br9", "up")
    cls.corp, _ = locations.corp_beside_the_controller(cls.fleet)
    cls.fleet.listen("laptop", "tcp/80")
    cls.fleet.apply(cls.corp.text + locations.off_at_corp())

  def setUp(self):
    process.wait_until(lambda: locations.leases(self.laptop) == ["br9"], "br9 is at corp")
    self.assertEqual(self.seen_from_the_cafe(), "open")

  def wait(self, location, after=0):
    return self.laptop.agent.wait_for_line(rf"br9 is at {location}, .*", after)[0]

  def seen_from_the_cafe(self):
    return probe.tcp_one(self.fleet.outsider, self.laptop.node.ipv4(CAFE), 80)

  def assert_trust_ends(self, mark):
    # The interface left because its link changed, not because the lease ended.
    self.assertRegex(self.wait("elsewhere", mark), "its link changed$")
    self.assertEqual(locations.leases(self.laptop), [])
    self.assertEqual(self.seen_from_the_cafe(), "filtered")

  def test_trust_ends_when_the_port_that_leads_there_loses_its_carrier(self):
    carrier = locations.Carrier(self.fleet, "laptop")
    mark = self.laptop.agent.mark()
    carrier.unplug()
    self.assert_trust_ends(mark)
    mark = self.laptop.agent.mark()
    carrier.plug(OFFICE)
    self.wait("corp", mark)

  def test_trust_ends_when_the_port_that_leads_there_leaves(self):
    mark = self.laptop.agent.mark()
    self.laptop.node.run("ip", "link", "set", "eth0", "nomaster")
    self.assert_trust_ends(mark)
    mark = self.laptop.agent.mark()
    self.laptop.node.run("ip", "link", "set", "eth0", "master", "br9")
    self.wait("corp", mark)
