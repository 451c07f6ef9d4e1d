# SPDX-License-Identifier: Apache-2.0
"""No network but the office can prove to be the office."""

import json
import re
import signal
import time

from harness import case
from harness import fleet as fleets
from harness import locations
from harness import probe
from harness import process

OFFICE, CAFE = 0, 1
LEASE = 3
ATTEMPTS = 3  # a promotion needs two proofs
BETWEEN_PROOFS = 0.5  # the minimum between these two proofs, in seconds


class Attacked(case.FleetCase):
  """The laptop, a true beacon at the office, and a café in which every machine is the attacker's.

  In the café the laptop has the office's addresses, because a rogue DHCP server gave them to it.
  """

  HOSTS = {"laptop": {"role": "laptop"}}
  OPTIONS = {"interfaces": 2}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.laptop = cls.fleet.hosts["laptop"]
    locations.give_the_cafe_to_the_outsider(cls.fleet, "laptop")
    controller = cls.fleet.controller_node
    cls.beacon_at = f"{controller.ipv4()}:{locations.BEACON_PORT}"
    cls.corp = locations.Location(
        cls.fleet, "corp", [cls.beacon_at], lease=f"{LEASE}s",
        hints="{subnets: [10.77.0.0/24], dns_suffixes: [corp.example]}")
    cls.beacon = cls.corp.serve(controller, cls.beacon_at)
    cls.carrier = locations.Carrier(cls.fleet, "laptop")
    # In the café, the attacker's machine takes the place of the beacon's machine.
    cls.attacker = cls.fleet.outsider
    cls.fleet.listen("laptop", "tcp/80")

  def setUp(self):
    self.apply(self.corp.text)
    self.started = []
    self.addCleanup(self.stop_all)
    process.wait_until(lambda: locations.leases(self.laptop), "the laptop is at corp")

  def apply(self, location):
    self.fleet.cli("apply", "-f", self.fleet.write(
        location + locations.off_at_corp()), check=0)

  def stop_all(self):
    for one in self.started:
      one.close()
    if not self.beacon.running():
      type(self).beacon = self.corp.serve(self.fleet.controller_node, self.beacon_at)

  def go_to_the_cafe(self):
    """Carries the laptop to the café; the end of the test carries it back in any case."""
    self.addCleanup(self.go_to_the_office)
    mark = self.laptop.agent.mark()
    self.carrier.unplug()
    locations.wait_agent(self.laptop, "elsewhere", after=mark)
    mark = self.laptop.agent.mark()
    self.carrier.plug(CAFE)
    self.laptop.node.run("ip", "neighbour", "flush", "dev", "eth0")
    return mark

  def go_to_the_office(self):
    mark = self.laptop.agent.mark()
    self.carrier.carry(OFFICE)
    self.laptop.node.run("ip", "neighbour", "flush", "dev", "eth0")
    locations.wait_agent(self.laptop, "corp", after=mark)

  def assert_never_promoted(self, mark, reason):
    """Asserts that no attempt succeeds, and that at last attempts fail for this reason.

    The first attempts may find no network yet, and a replay must listen to one attempt first.
    """
    refusals = {}  # keys are numbers of attempts

    def refused():
      refusal = self.refused()
      refusals[refusal.get("attempts")] = refusal.get("reason")
      return refusal.get("attempts", 0) >= ATTEMPTS and re.search(reason, refusal["reason"])

    try:
      process.wait_until(refused, f"attempts that end with {reason!r}")
    except AssertionError as late:
      raise AssertionError(f"{late}, but: {refusals}") from None
    self.assertEqual(locations.leases(self.laptop), [])
    promoted = [line for line in self.laptop.agent.lines()[mark:] if "is at corp," in line]
    self.assertEqual(promoted, [])

  def refused(self):
    """The last failed attempt to prove that eth0 is at the office, with the number of attempts."""
    done = self.fleet.local("laptop", "interfaces", "-o", "json")
    if done.returncode != 0:
      return {}  # an agent that is starting does not answer yet
    for one in json.loads(done.stdout):
      for refusal in one["state"].get("refusals", []) if one["interface"]["name"] == "eth0" else []:
        return refusal
    return {}

  def fake(self, location, key=None):
    """Starts a false beacon of the attacker's in the café, at the true beacon's address."""
    beacon = location.serve(self.attacker, self.beacon_at, key)
    self.started.append(beacon)
    return beacon

  # --- In the café, without a way to the true beacon

  def test_the_office_s_addresses_and_names_prove_nothing(self):
    mark = self.go_to_the_cafe()
    self.assert_never_promoted(mark, "no answer")

  def test_a_cloned_gateway_proves_nothing(self):
    gateway = self.fleet.controller_node
    mac = gateway.run("cat", "/sys/class/net/eth0/address").stdout.strip()
    own = self.attacker.run("cat", "/sys/class/net/eth1/address").stdout.strip()
    self.attacker.run("ip", "link", "set", "eth1", "address", mac)
    self.addCleanup(self.attacker.run, "ip", "link", "set", "eth1", "address", own)
    mark = self.go_to_the_cafe()
    self.laptop.node.run("ip", "route", "replace", "default", "via", gateway.ipv4())
    self.addCleanup(self.laptop.node.run, "ip", "route", "delete", "default", check=False)
    self.assert_never_promoted(mark, "no answer")

  def test_a_beacon_of_another_ca_proves_nothing(self):
    other = locations.Location(
        self.fleet, "corp", [self.beacon_at], self.fleet.path("attacker-ca"))
    self.fake(other)
    mark = self.go_to_the_cafe()
    self.assert_never_promoted(mark, "certificate is not valid")

  def test_the_certificate_without_its_key_is_served_by_no_beacon(self):
    key = self.corp.stolen_key(self.fleet.path("stolen.pem"))
    with self.assertRaisesRegex(AssertionError, "do not belong together"):
      self.fake(self.corp, key)

  def test_an_expired_certificate_proves_nothing(self):
    self.fake(self.corp, self.corp.expired_key(self.fleet.path("expired")))
    mark = self.go_to_the_cafe()
    self.assert_never_promoted(mark, "certificate is not valid: certificate has expired")

  # --- With a way to the true beacon: the attacker's machine is in both networks

  def test_a_relay_of_the_connection_proves_nothing(self):
    self.pass_on("relay")
    mark = self.go_to_the_cafe()
    self.assert_never_promoted(mark, "the beacon sees this host as .* a proxy or a NAT")

  def test_a_replayed_answer_proves_nothing(self):
    self.pass_on("replay")
    mark = self.go_to_the_cafe()
    self.assert_never_promoted(mark, "the TLS 1.3 handshake failed")

  def test_a_nat_on_the_way_proves_nothing(self):
    self.route_to_the_office(nat=True)
    self.drop_obstacles(max_hops=5)
    mark = self.go_to_the_cafe()
    self.cafe_address()
    self.assert_never_promoted(mark, "the beacon sees this host as .* a proxy or a NAT")

  def test_a_routed_path_proves_nothing(self):
    self.route_to_the_office(nat=False)
    self.drop_obstacles(max_hops=0)
    mark = self.go_to_the_cafe()
    self.cafe_address()
    self.assert_never_promoted(mark, "no answer")
    steps = self.location_test()
    self.assertEqual([step["name"] for step in steps], ["connect"])
    self.assertIn("max_hops", steps[0]["detail"])

  def stand_between(self):
    """Gives the attacker's machine a way to the true beacon, instead of the beacon's address."""
    address = f"{self.fleet.controller_node.ipv4()}/32"
    self.attacker.run("ip", "address", "delete", address, "dev", "eth1")
    self.addCleanup(self.attacker.run, "ip", "address", "add", address, "dev", "eth1")
    self.attacker.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    self.addCleanup(self.attacker.run, "sysctl", "-qw", "net.ipv4.ip_forward=0")

  def pass_on(self, how):
    """Redirects connections for the beacon in the café to a program on the attacker's machine."""
    self.stand_between()
    proxy_arp = "net.ipv4.conf.eth1.proxy_arp"
    self.attacker.run("sysctl", "-qw", f"{proxy_arp}=1")
    self.addCleanup(self.attacker.run, "sysctl", "-qw", f"{proxy_arp}=0")
    self.attacker.run(
        "nft", "add table ip n; add chain ip n p { type nat hook prerouting priority -100; }; "
        f"add rule ip n p iifname eth1 tcp dport {locations.BEACON_PORT} redirect to :7000")
    self.addCleanup(self.attacker.run, "nft", "delete table ip n")
    host, port = self.beacon_at.split(":")
    self.started.append(
        self.fleet.traffic(self.attacker, how, "eth1", "7000", "eth0", host, port))

  def route_to_the_office(self, nat):
    """Makes the attacker's machine a router between the café and the office."""
    controller, attacker = self.fleet.controller_node, self.attacker
    self.stand_between()
    controller.run("ip", "route", "replace", "10.77.1.0/24", "via", attacker.ipv4(OFFICE))
    self.addCleanup(controller.run, "ip", "route", "delete", "10.77.1.0/24")
    if nat:
      attacker.run("nft", "add table ip n; add chain ip n p { type nat hook postrouting priority "
                   "100; }; add rule ip n p oifname eth0 masquerade")
      self.addCleanup(attacker.run, "nft", "delete table ip n")
    self.addCleanup(self.restore_obstacles)

  def drop_obstacles(self, max_hops):
    """Removes the hints and sets max_hops while the laptop is at the office and learns of it."""
    text = re.sub("hints: .*\n", "", self.corp.text)
    self.apply_and_wait(text.removesuffix("---\n") + f"max_hops: {max_hops}\n---\n")

  def restore_obstacles(self):
    self.apply_and_wait(self.corp.text)

  def apply_and_wait(self, location):
    mark = self.laptop.agent.mark()
    self.apply(location)
    self.laptop.agent.wait_for_line("revision .* is in force", after=mark)
    locations.wait_agent(self.laptop, "corp", after=mark)

  def cafe_address(self):
    """Gives the laptop an honest address, and the café's router."""
    self.carrier.address(CAFE)
    self.laptop.node.run("ip", "route", "replace", "default", "via", self.attacker.ipv4(CAFE))

  def location_test(self):
    done = self.fleet.cli("--local", "--socket", self.laptop.socket, "location", "test", "--interface",
                          "eth0", "-o", "json", node=self.laptop.node, check=0)
    return json.loads(done.stdout)["tests"][0]["steps"]

  def test_a_vpn_to_the_office_proves_only_itself(self):
    mark = self.go_to_the_cafe()
    self.carrier.address(CAFE)
    # The interface ends in the office, like that of a layer 2 VPN.
    node, switch = self.laptop.node, self.fleet.network.switch
    node.run("ip", "link", "add", "vpn0", "type", "veth", "peer", "name", "vpn-port", "netns",
             switch.namespace)
    switch.run("ip", "link", "set", "vpn-port", "master", f"br{OFFICE}", "up")
    self.addCleanup(node.run, "ip", "link", "delete", "vpn0")
    node.run("ip", "address", "add", "10.77.0.99/24", "dev", "vpn0")
    node.run("ip", "link", "set", "vpn0", "up")
    self.laptop.agent.wait_for_line("vpn0 is at corp", mark)
    self.assertEqual(locations.leases(self.laptop), ["vpn0"])
    outsider = self.attacker
    self.assertEqual(probe.tcp_one(outsider, node.ipv4(CAFE), 80), "filtered")

  # --- If the clock is wrong, no certificate is valid

  def with_clock(self, when, reason):
    self.laptop.agent.kill()
    host = self.laptop
    host.agent = self.fleet.spawn("agent-laptop", host.node.command(
        "env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", when,
        fleets.program("firebreak-agent"), "--controller",
        f"{self.fleet.controller_node.ipv4()}:{fleets.PORT}", "--state-dir",
        host.state_directory, "--name", host.name, "--socket", host.socket))
    self.assert_never_promoted(0, f"certificate is not valid: {reason}")
    host.agent.kill()
    self.fleet.start_agent("laptop")
    locations.wait_agent(host, "corp")

  def test_in_1970_nothing_is_proven(self):
    self.with_clock("1970-01-02", "certificate is not yet valid")

  def test_in_2099_nothing_is_proven(self):
    self.with_clock("2099-01-01", "certificate has expired")

  # --- At the office, proven

  def lease_ends(self, begun=None):
    """Waits for the end of the lease by the kernel's count, because this process may be late."""
    begun = begun or time.monotonic()

    def ended():
      elapsed = time.monotonic() - begun
      left = locations.lease_left(self.laptop)
      # The kernel's ticks are coarse.
      self.assertLessEqual(elapsed + left if left else 0, LEASE + 0.1)
      return not left

    process.wait_until(ended, "the lease ends")

  def test_a_beacon_gone_silent_ends_the_trust_within_its_lease(self):
    self.beacon.signal(signal.SIGSTOP)
    self.lease_ends()
    mark = self.laptop.agent.mark()
    self.beacon.signal(signal.SIGCONT)
    locations.wait_agent(self.laptop, "corp", after=mark)

  def test_a_link_that_bounces_never_promotes(self):
    self.carrier.unplug()
    mark = self.laptop.agent.mark()
    kept = late = 0
    while kept < 8:
      begun = time.monotonic()
      self.carrier.plug(OFFICE)
      time.sleep(0.2)
      leases = locations.leases(self.laptop)
      # If this process was delayed, the link may have been up for as long as two proofs take.
      if time.monotonic() - begun < BETWEEN_PROOFS:
        self.assertEqual(leases, [])
        kept += 1
      else:
        late += 1
      self.carrier.unplug()
    promoted = [line for line in self.laptop.agent.lines()[mark:] if "is at corp" in line]
    self.assertLessEqual(len(promoted), late, promoted)
    self.go_to_the_office()

  def test_the_trust_ends_with_an_agent_that_is_stopped(self):
    agent = self.laptop.agent
    agent.signal(signal.SIGSTOP)
    begun = time.monotonic()
    self.carrier.carry(CAFE)
    self.lease_ends(begun)
    self.assertEqual(probe.tcp_one(self.attacker, self.laptop.node.ipv4(CAFE), 80), "filtered")
    mark = agent.mark()
    agent.signal(signal.SIGCONT)
    locations.wait_agent(self.laptop, "elsewhere", after=mark)
    self.go_to_the_office()

  def test_the_trust_ends_with_an_agent_that_is_killed(self):
    self.laptop.agent.kill()
    begun = time.monotonic()
    self.carrier.carry(CAFE)
    self.lease_ends(begun)
    self.assertEqual(probe.tcp_one(self.attacker, self.laptop.node.ipv4(CAFE), 80), "filtered")
    self.carrier.carry(OFFICE)
    self.fleet.start_agent("laptop")
    locations.wait_agent(self.laptop, "corp")

  def test_the_trust_ends_when_the_host_boots(self):
    self.laptop.agent.kill()
    self.assertEqual(locations.leases(self.laptop), ["eth0"])
    self.laptop.node.run(fleets.program("firebreak-agent"), "--boot", "--state-dir",
                         self.laptop.state_directory)
    self.assertEqual(locations.leases(self.laptop), [])
    self.assertEqual(
        probe.tcp_one(self.fleet.outsider, self.laptop.node.ipv4(OFFICE), 80), "filtered")
    self.fleet.start_agent("laptop")
    locations.wait_agent(self.laptop, "corp")

  # --- When a location is applied

  def test_a_broken_certificate_is_refused_when_applied(self):
    lines = self.corp.text.splitlines(keepends=True)
    middle = next(i for i, line in enumerate(lines) if "BEGIN CERTIFICATE" in line) + 2
    lines[middle] = lines[middle][:8] + ("A" if lines[middle][8] != "A" else "B") + lines[middle][9:]
    self.assert_refused("".join(lines), "ca")
