# SPDX-License-Identifier: Apache-2.0
"""A policy's `hardening`: what the kernel is set to, watched over, and given back."""

import json
import socket
import struct

from harness import case
from harness import fleet as fleets
from harness import netfilter
from harness import policies
from harness import process
from harness import stack

_OFF = policies.policy("subject", "all", 'firewall: "on"')


def _hardened(body, more=""):
  return policies.policy("subject", "all", f'firewall: "on"\nhardening: {body}\n{more}')


# By the kernel's documentation, not by the catalogue: what each preset comes to.
_EXPECTED = {
    "recommended": {
        "net/ipv4/tcp_syncookies": "1", "net/ipv4/tcp_synack_retries": "2",
        "net/ipv4/tcp_retries2": "6", "net/ipv4/ip_no_pmtu_disc": "0",
        "net/ipv4/tcp_keepalive_time": "300", "net/ipv4/conf/eth0/accept_redirects": "0",
        "net/ipv4/conf/all/accept_redirects": "0", "net/ipv4/conf/default/send_redirects": "0",
        "net/ipv6/conf/eth0/accept_redirects": "0", "net/ipv4/conf/eth0/secure_redirects": "0",
        "net/ipv4/conf/all/accept_source_route": "0",
        "net/ipv6/conf/eth0/accept_source_route": "-1", "net/ipv4/ip_forward": "0",
        "net/ipv4/conf/all/rp_filter": "2", "net/ipv4/conf/eth0/rp_filter": "2",
        "net/ipv4/tcp_rfc1337": "1", "net/ipv4/tcp_fin_timeout": "30",
        "net/ipv4/icmp_echo_ignore_broadcasts": "1",
    },
    "strict": {
        "net/ipv4/conf/eth0/rp_filter": "1", "net/ipv4/conf/all/log_martians": "1",
        "net/ipv4/conf/eth0/arp_ignore": "1", "net/ipv4/conf/default/arp_announce": "2",
        "net/ipv6/icmp/echo_ignore_multicast": "1", "net/ipv4/tcp_fin_timeout": "15",
    },
    "original": {
        "net/ipv4/ip_no_pmtu_disc": "1", "net/ipv6/conf/eth0/mtu": "1280",
        "net/ipv4/tcp_retries2": "2", "net/ipv4/tcp_keepalive_time": "300",
        "net/ipv4/tcp_rfc1337": "0",
    },
}


class Hardening(case.FleetCase):

  def setUp(self):
    self.host = self.node("web1")
    self.fleet.apply(_OFF)
    self.found = stack.settings(self.host)

  def wanted(self):
    """What the host says that is wanted, by name below /proc/sys."""
    answer = json.loads(self.fleet.local("web1", "settings", "-o", "json", check=0).stdout)
    return {one["name"].translate(str.maketrans("./", "/.")): one
            for one in answer if one.get("setting") and one.get("wanted")}

  def wait_setting(self, name, value):
    process.wait_until(lambda: stack.get(self.host, name) == value, f"{name} is {value}")

  def assert_given_back(self):
    self.fleet.apply(_OFF)
    now = stack.settings(self.host)
    self.assertEqual({name: (value, now.get(name)) for name, value in self.found.items()
                      if now.get(name) != value}, {})

  def test_presets_are_set_watched_over_and_given_back(self):
    for preset, expected in _EXPECTED.items():
      with self.subTest(preset=preset):
        self.fleet.apply(_hardened(f"{{preset: {preset}}}"))
        now = stack.settings(self.host)
        for name, value in expected.items():
          self.assertEqual(now.get(name), value, name)
        wanted = self.wanted()
        wrong = {name: one for name, one in wanted.items() if now.get(name) != one["wanted"] and
                 "not supported" not in one.get("problem", "")}
        self.assertEqual(wrong, {})
        for name, one in wanted.items():
          if name in self.found and one.get("before"):
            self.assertEqual(one["before"], self.found[name], name)
        # Whatever is changed comes back.
        for name, one in wanted.items():
          if now.get(name) == one["wanted"]:
            stack.put(self.host, name, "1" if one["wanted"] == "0" else "0"
                      if "/mtu" not in name else "1400")
        for name, one in wanted.items():
          if now.get(name) == one["wanted"]:
            self.wait_setting(name, one["wanted"])
    self.assert_given_back()

  def test_what_others_change_is_told(self):
    self.fleet.apply(_hardened("{settings: {tcp_rfc1337: 1}}"))
    stack.put(self.host, "net/ipv4/tcp_rfc1337", "0")
    self.wait_setting("net/ipv4/tcp_rfc1337", "1")
    status = self.fleet.wait_status(
        "web1", lambda one: int(one["facts"].get("stack", {}).get("changed_by_others", 0)) > 0,
        "tells that others changed a setting")
    self.assertNotIn("settings_wrong", status["facts"]["stack"])
    process.wait_until(
        lambda: [row for row in self.fleet.audit() if row["action"] == "setting changed" and
                 "tcp_rfc1337" in row["detail"] and row["result"] == "undone"], "the trail tells")

  def test_what_is_not_enforced_is_only_told(self):
    self.fleet.apply(_hardened("{settings: {tcp_fin_timeout: 30}, enforce: false}"))
    stack.put(self.host, "net/ipv4/tcp_fin_timeout", "31")
    self.fleet.wait_status(
        "web1", lambda one: one["facts"].get("stack", {}).get("settings_wrong") == 1,
        "tells that a setting is not as the policy says")
    self.assertEqual(stack.get(self.host, "net/ipv4/tcp_fin_timeout"), "31")
    stack.put(self.host, "net/ipv4/tcp_fin_timeout", "30")
    self.assert_given_back()

  def test_forwarding_under_sharing_is_put_back(self):
    self.fleet.apply(policies.policy(
        "subject", "all", "sharing: {public: eth0, private: [eth9]}"))
    self.wait_setting("net/ipv4/ip_forward", "1")
    stack.put(self.host, "net/ipv4/ip_forward", "0")
    self.wait_setting("net/ipv4/ip_forward", "1")
    self.assert_given_back()

  def test_an_interface_that_comes_later_is_set_and_given_back(self):
    self.fleet.apply(_hardened(
        "{preset: strict}",
        "interfaces: [{match: {names: ['late*']}, hardening: {settings: {rp_filter: 0}}}]"))
    self.host.run("ip", "link", "add", "late0", "type", "veth", "peer", "name", "other0")
    self.addCleanup(self.host.run, "ip", "link", "delete", "late0")
    # With one that a section is about, "all" says nothing, and the section's value is what holds.
    self.wait_setting("net/ipv4/conf/all/rp_filter", "0")
    self.wait_setting("net/ipv4/conf/late0/rp_filter", "0")
    self.wait_setting("net/ipv4/conf/other0/arp_ignore", "1")
    self.assertNotEqual(stack.get(self.host, "net/ipv4/conf/eth0/rp_filter"), "0")
    self.assert_given_back()
    self.assertEqual(stack.get(self.host, "net/ipv4/conf/other0/arp_ignore"), "0")

  def test_strict_becomes_loose_where_packets_come_by_several_ways(self):
    self.fleet.apply(_hardened("{preset: strict}"))
    self.wait_setting("net/ipv4/conf/eth0/rp_filter", "1")
    self.host.run("ip", "link", "add", "second0", "type", "veth", "peer", "name", "second1")
    self.addCleanup(self.host.run, "ip", "link", "delete", "second0")
    for name in ("second0", "second1"):
      self.host.run("ip", "link", "set", name, "up")
    self.host.run("ip", "address", "add", "198.51.100.1/24", "dev", "second0")
    self.wait_setting("net/ipv4/conf/eth0/rp_filter", "2")
    status = self.fleet.wait_status(
        "web1", lambda one: one["facts"].get("stack", {}).get("problems"), "says why")
    self.assertIn("several interfaces", status["facts"]["stack"]["problems"][0])

  def test_a_host_that_is_released_has_what_was_found(self):
    host = self.fleet.hosts["web1"]
    self.fleet.apply(_hardened("{preset: strict}"))
    host.agent.stop()
    self.host.run(
        fleets.program("firebreak-agent"), "--state-dir", host.state_directory, "--release")
    self.assertFalse(netfilter.has_table(self.host))
    now = stack.settings(self.host)
    self.assertEqual({name: (value, now.get(name)) for name, value in self.found.items()
                      if now.get(name) != value}, {})
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.wait_setting("net/ipv4/tcp_fin_timeout", "15")

  def test_a_plan_tells_of_settings(self):
    self.fleet.apply(_hardened("{preset: recommended}"))
    done = self.fleet.cli("plan", "-f", self.fleet.write(
        _hardened("{preset: recommended, settings: {keep_alive_time: 60000}}")), check=5)
    self.assertRegex(done.stdout, r"hardening\.keep_alive_time.*300000.*60000")

  def test_mistakes_are_refused(self):
    self.assert_refused(_hardened("{settings: {tcp_max_half_open: 50}}"),
                        "tcp_max_half_open: 50 is out of range: it goes from 100 to 65535")
    self.assert_refused(_hardened("{settings: {rp_filtre: 1}}"), 'did you mean "rp_filter"')
    self.assert_refused(
        _hardened("{}", "interfaces: [{match: {names: [eth0]}, hardening: "
                        "{settings: {keep_alive_time: 60000}}}]"), "holds for the whole host")
    self.assert_refused(
        _hardened("{settings: {minimum_dynamic_backlog: 9, maximum_dynamic_backlog: 8}}"),
        "is more than maximum_dynamic_backlog")

  def test_contradictions_are_said(self):
    done = self.fleet.apply(policies.policy(
        "subject", "all", "sharing: {public: eth0, private: [eth9]}\n"
        "hardening: {settings: {ip_enable_router: 0}}"))
    self.assertIn('ip_enable_router 0, but the policy has "sharing"', done.stdout + done.stderr)
    self.wait_setting("net/ipv4/ip_forward", "1")


class Frames(case.FleetCase):
  """What frames do without a setting, and no longer do with it."""

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"].node
    cls.peer = cls.fleet.outsider
    cls.host.run("ping", "-c1", "-W1", cls.peer.ipv4(), check=False)
    cls.mac = stack.mac(cls.host)

  def received(self, packet, port=0, kind=None, marker=b""):
    """Whether a program of the host gets the packet: by UDP, or by a raw ICMP socket."""
    ipv6 = packet[0] >> 4 == 6
    family = socket.AF_INET6 if ipv6 else socket.AF_INET

    def listen():
      if kind is None:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind(("", port))
      else:
        sock = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMP)
      return sock

    with self.host.inside(listen) as sock:
      # The marker that follows on the same way says that the packet has been decided about.
      follow = self.marker(port or 9)
      sock.settimeout(process.PATIENCE)
      stack.send(self.peer, self.mac, [packet] + ([follow] if kind is None else []))
      if kind is not None:
        stack.send(self.peer, self.mac, [self.ping()])
      while True:
        data = sock.recv(2048)
        if kind is None:
          if data == b"marker":
            return False
          if marker in data:
            return True
        else:
          if data[20] == kind:
            return True
          if data[20] == 8 and data.endswith(b"marker"):
            return False

  def marker(self, port):
    return stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 17, stack.udp(
        self.peer.ipv4(), self.host.ipv4(), 5000, port, b"marker"))

  def ping(self):
    return stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 1,
                      stack.icmp(8, 0, struct.pack("!HH", 1, 1) + b"marker"))

  def apply(self, hardening):
    self.fleet.apply(policies.policy(
        "subject", "all", 'firewall: "on"\nicmp: [address-mask-request, echo-request, redirect]\n' +
        policies.opened("udp/137", "udp/9") + f"hardening: {{settings: {{{hardening}}}}}"))

  def test_source_routes(self):
    def packet(option, source=None):
      # Its way is at its end: the pointer is behind the list.
      options = bytes([option, 7, 8]) + socket.inet_aton(self.host.ipv4()) + b"\0"
      return stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 17, stack.udp(
          self.peer.ipv4(), self.host.ipv4(), 5000, 9, b"routed"), options)

    for option in (131, 137):
      for value, arrives in ((0, True), (1, False), (2, False)):
        with self.subTest(option=option, value=value):
          self.apply(f"disable_ip_source_routing: {value}")
          self.assertEqual(self.received(packet(option), port=9, marker=b"routed"), arrives)

  def test_routing_headers(self):
    source, target = self.peer.ipv6(), self.host.ipv6()
    datagram = stack.udp(source, target, 5000, 9, b"routed")
    header = struct.pack("!BBBBI", 17, 2, 4, 0, 0) + socket.inet_pton(socket.AF_INET6, target)

    def dropped():
      text = self.host.run("nft", "list", "counter", "inet", "firebreak",
                           "drop.source-routed", check=False).stdout
      return int(text.split("packets ")[1].split()[0]) if "packets" in text else 0

    self.apply("disable_ip_source_routing: 2")
    before = dropped()
    stack.send(self.peer, self.mac, [stack.ipv6(source, target, 43, header + datagram)])
    process.wait_until(lambda: dropped() == before + 1, "the packet is dropped")

  def test_mask_requests(self):
    packet = stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 1,
                        stack.icmp(17, 0, struct.pack("!HHI", 1, 1, 0)))
    for value in (1, 0):
      with self.subTest(value=value):
        self.apply(f"enable_addr_mask_reply: {value}")
        self.assertEqual(self.received(packet, kind=17), value == 1)

  def test_name_releases(self):
    def packet(opcode):
      data = struct.pack("!HHHHHH", 7, opcode << 11, 1, 0, 0, 1) + b"release"
      return stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 17, stack.udp(
          self.peer.ipv4(), self.host.ipv4(), 137, 137, data))

    self.apply("no_name_release_on_demand: 0")
    self.assertTrue(self.received(packet(6), port=137, marker=b"release"))
    self.apply("no_name_release_on_demand: 1")
    self.assertFalse(self.received(packet(6), port=137, marker=b"release"))
    self.assertTrue(self.received(packet(0), port=137, marker=b"release"), "a question for a name")

  def test_redirects(self):
    gateway, other = self.peer.ipv4(), self.fleet.controller_node.ipv4()
    self.host.run("ip", "route", "add", "198.51.100.0/24", "via", gateway)
    self.addCleanup(self.host.run, "ip", "route", "delete", "198.51.100.0/24")

    def diverted(far):
      """Whether the host goes another way to `far` after the gateway says so."""
      # The kernel heeds one about a packet that a socket has sent.
      with self.host.inside(lambda: self.sent_to(far)) as sender:
        port = sender.getsockname()[1]
        sent = stack.ipv4(self.host.ipv4(), far, 17, struct.pack("!HHHH", port, 7777, 9, 0) + b"x")
        stack.send(self.peer, self.mac, [stack.ipv4(gateway, self.host.ipv4(), 1, stack.icmp(
            5, 1, socket.inet_aton(other) + sent[:28]))])
        # What was sent behind it has been decided about, and so has it.
        self.received(self.marker(9), port=9, marker=b"nothing")
      return f"via {other} " in self.host.run("ip", "route", "get", far).stdout

    self.apply("enable_icmp_redirect: 1")
    self.assertTrue(diverted("198.51.100.8"))
    self.apply("enable_icmp_redirect: 0")
    self.assertFalse(diverted("198.51.100.9"))

  def sent_to(self, far):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((self.host.ipv4(), 0))
    sender.connect((far, 7777))
    sender.send(b"x")
    return sender

  def test_a_gateway_whose_link_dies(self):
    far = "203.0.113.0/24"
    self.host.run("ip", "link", "add", "gone0", "type", "veth", "peer", "name", "gone1")
    self.addCleanup(self.host.run, "ip", "link", "delete", "gone0")
    for line in ("link set gone0 up", "link set gone1 up", "address add 192.0.2.1/24 dev gone0",
                 f"route add {far} via 192.0.2.2 metric 1",
                 f"route add {far} via {self.peer.ipv4()} metric 2"):
      self.host.run("ip", *line.split())
    self.host.run("ip", "link", "set", "gone1", "down")
    way = lambda: self.host.run("ip", "route", "get", "203.0.113.1").stdout
    self.apply("enable_dead_gw_detect: 1")
    process.wait_until(lambda: self.peer.ipv4() in way(), "the other gateway is taken")
    self.apply("enable_dead_gw_detect: 0")
    process.wait_until(lambda: "gone0" in way(), "the gateway stays")
