# SPDX-License-Identifier: Apache-2.0
"""What a host forwards: routed packets by `forward`, containers' published ports by mappings."""

import errno
import os
import re
import socket
import subprocess

from harness import case
from harness import crossroads
from harness import network
from harness import policies
from harness import probe
from harness import process


def _example(name):
  return os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "examples", name + ".yaml")


def unreachable(node, address, port):
  """Whether an ICMP error says that nobody is at the UDP port."""

  def attempt():
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
      client.connect((address, port))
      client.settimeout(0.5)
      for _ in range(6):
        try:
          client.send(b"?")
          client.recv(10)
        except TimeoutError:
          pass
        except OSError as error:
          return error.errno == errno.ECONNREFUSED
    return False

  return node.inside(attempt)


class Router(crossroads.CrossroadsCase):
  """The gateway routes between the three networks."""

  LISTEN = ("tcp/80", "tcp/81", "udp/53")

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

  def apply(self, body):
    return self.fleet.apply(policies.policy("subject", "all", body))

  def reach(self, node, other, interface, port=80):
    targets = [(address, port) for address in other.addresses(interface)]
    return set(probe.tcp(node, targets).values())

  def test_nothing_passes_that_no_rule_allows(self):
    done = self.apply('firewall: "on"')
    self.assertRegex(done.stderr, "gateway forwards IPv4 and IPv6 now and would stop")
    for node, other, interface in ((self.outsider, self.inside, 1), (self.inside, self.outsider, 0),
                                   (self.third, self.inside, 1)):
      self.assertEqual(self.reach(node, other, interface), {"filtered"})
    status = self.fleet.cli("host", "status", "gateway", check=0).stdout
    self.assertRegex(status, r"Forwards +IPv4 and IPv6\n +in by eth0, eth1, eth2: only what")
    traced = self.fleet.json("host", "trace", "gateway", "--in", "eth0", "--proto", "tcp", "--from",
                             f"{self.outsider.ipv4()}:4000", "--to", f"{self.inside.ipv4(1)}:80")
    self.assertEqual((traced["verdict"], traced["hook"], traced["reason"]),
                     ("drop", "forward", "forward"))

  def test_rules_say_which_way_and_for_whom(self):
    self.apply(f"""\
forward:
  allow:
    - {{name: lan, in: {{names: eth1}}, out: {{names: eth0}}}}
    - {{name: web, in: {{types: ethernet}}, to: [{self.third.ipv4(2)}, "{self.third.ipv6(2)}"],
       protocol: tcp, ports: 80}}
  block:
    - {{in: {{names: eth1}}, protocol: tcp, ports: 81}}
""")
    for address in self.outsider.addresses():
      with self.subTest(address=address):
        self.assertEqual(probe.tcp_one(self.inside, address, 80), "open")
        self.assertEqual(probe.tcp_one(self.inside, address, 81), "filtered")
        self.assertTrue(probe.udp(self.inside, address, 53), "answers come back")
        self.assertTrue(probe.ping(self.inside, address))
        self.assertTrue(unreachable(self.inside, address, 54), "and errors")
    self.assertEqual(self.reach(self.outsider, self.inside, 1), {"filtered"})
    self.assertEqual(self.reach(self.third, self.inside, 1), {"filtered"})
    self.assertEqual(self.reach(self.outsider, self.third, 2), {"open"})
    self.assertEqual(self.reach(self.outsider, self.third, 2, 81), {"filtered"})
    shown = self.fleet.json("host", "mappings", "gateway")
    lan = next(one for one in shown if one["name"] == "lan")
    self.assertEqual((lan["direction"], lan["in_interfaces"], lan["out_interfaces"]),
                     ("forward", "eth1", "eth0"))
    traced = self.fleet.json("host", "trace", "gateway", "--in", "eth1", "--proto", "udp", "--from",
                             f"{self.inside.ipv4(1)}:4000", "--to", f"{self.outsider.ipv4()}:53")
    self.assertEqual((traced["verdict"], traced["mapping"], traced["policy"]),
                     ("accept", "lan", "subject"))

  def test_a_default_that_allows_and_a_rule_that_blocks(self):
    self.apply("forward: {default: allow, block: [{in: {names: eth2}}]}")
    self.assertEqual(self.reach(self.outsider, self.inside, 1), {"open"})
    self.assertEqual(self.reach(self.third, self.inside, 1), {"filtered"})

  def test_rules_limit_reject_and_record(self):
    self.apply("""\
forward:
  allow:
    - {name: few, in: {names: eth0}, protocol: tcp, ports: 80, log: true,
       limit: {rate: 1/hour, burst: 3, per: source}}
  block: [{name: told, in: {names: eth0}, protocol: tcp, ports: 81, action: reject}]
""")
    tried = [probe.tcp_one(self.outsider, self.inside.ipv4(1), 80) for _ in range(5)]
    self.assertEqual(tried, ["open"] * 3 + ["filtered"] * 2)
    self.assertEqual(probe.tcp_one(self.outsider, self.inside.ipv6(1), 80), "open")
    for address in self.inside.addresses(1):
      self.assertEqual(probe.tcp_one(self.outsider, address, 81), "closed")
    process.wait_until(lambda: "few" in self.fleet.cli("logs", "-o", "json").stdout,
                       "the log has what the rule let through")
    few = next(one for one in self.fleet.json("host", "mappings", "gateway")
               if one["name"] == "few")
    self.assertEqual((few["limit"], few["log"]), ("1/hour per source, burst 3", "all"))
    done = self.apply("forward: {allow: [{protocol: any, connections: {max: 2, per: source}}]}")
    self.assertEqual(done.returncode, 0)

    def hold():
      address = (self.inside.ipv4(1), 80)
      held = [socket.create_connection(address, timeout=5) for _ in range(2)]
      third = socket.socket()
      third.settimeout(2)
      refused = third.connect_ex(address) != 0
      for one in (third, *held):
        one.close()
      return refused

    self.assertTrue(self.outsider.inside(hold))

  def test_observe_drops_nothing_and_tells(self):
    self.apply("firewall: observe")
    self.assertEqual(self.reach(self.outsider, self.inside, 1), {"open"})
    counters = self.gateway.run("nft", "list", "counters", "table", "inet", "firebreak").stdout
    self.assertRegex(counters, r"observe\.forward \{\s+packets [1-9]")
    self.assertNotRegex(counters, r"drop\.forward \{\s+packets [1-9]")

  def test_an_interface_without_a_firewall(self):
    self.apply('interfaces: [{match: {names: eth1}, firewall: "off"}]')
    self.assertEqual(self.reach(self.inside, self.outsider, 0), {"open"})
    self.assertEqual(self.reach(self.outsider, self.inside, 1), {"filtered"})

  def test_bad_rules_are_refused(self):
    self.assert_refused(
        policies.policy("subject", "all", 'forward: {allow: [{service: ssh, forward_to: ":22"}]}'),
        r":5: .*not where to")
    self.assert_refused(
        policies.policy("subject", "all", "forward: {block: [{protocol: any, limit: {rate: 1/s}}]}"),
        r":5: .*a limit says how much")
    self.assert_refused(
        policies.policy("subject", "all", "port_mappings: [{service: ssh, in: {names: eth0}}]"),
        r":5: .*only rules of \"forward\"")


# The tables that Docker writes. What containers send is left to its userland proxy.
_DOCKER = """\
table {family} nat {{
  chain DOCKER {{
    iifname "cbr0" return
    meta l4proto tcp tcp dport 8080 counter dnat to {container}:80
    meta l4proto tcp tcp dport {{ 80, 9090 }} counter dnat to {container}:80
    meta l4proto udp udp dport 8053 counter dnat to {container}:53
  }}
  chain PREROUTING {{
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump DOCKER
  }}
  chain OUTPUT {{
    type nat hook output priority -100; policy accept;
    {destination} != {loopback} fib daddr type local counter jump DOCKER
  }}
  chain POSTROUTING {{
    type nat hook postrouting priority srcnat; policy accept;
    oifname != "cbr0" {source} {network} counter masquerade
  }}
}}
table {family} filter {{
  chain FORWARD {{
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "cbr0" accept
    oifname "cbr0" meta l4proto {{ tcp, udp }} accept
  }}
}}
"""


class ContainerHost(case.FleetCase):
  """A container engine's bridge with two containers, one of which publishes ports."""

  HOSTS = {"web1": {"role": "containers"}}
  OPTIONS = {"bystanders": ("stranger",)}
  CONTAINERS = {"one": 2, "two": 3}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host, cls.outsider = cls.node(cls, "web1"), cls.fleet.outsider
    cls.stranger = cls.fleet.bystanders["stranger"]
    cls.host.run("ip", "link", "add", "cbr0", "type", "bridge")
    cls.host.run("ip", "address", "add", "172.30.0.1/24", "dev", "cbr0")
    cls.host.run("ip", "address", "add", "fd30::1/64", "dev", "cbr0", "nodad")
    cls.host.run("ip", "link", "set", "cbr0", "up")
    cls.host.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    cls.containers = {name: cls.container(name, last) for name, last in cls.CONTAINERS.items()}
    for family, container, network, source, loopback in (
        ("ip", "172.30.0.2", "172.30.0.0/24", "ip saddr", "127.0.0.0/8"),
        ("ip6", "[fd30::2]", "fd30::/64", "ip6 saddr", "::1")):
      cls.host.run("nft", "-f", "-", text_input=_DOCKER.format(
          family=family, container=container, network=network, source=source,
          destination=source.replace("saddr", "daddr"), loopback=loopback))
    cls.fleet.traffic(cls.containers["one"], "listen", "tcp/80", "udp/53")
    cls.fleet.traffic(cls.containers["two"], "listen", "tcp/80")
    cls.fleet.traffic(cls.outsider, "listen", "tcp/80", "udp/53")
    # A userland proxy is a program of the host like any other.
    cls.fleet.listen("web1", "tcp/8081")

  @classmethod
  def container(cls, name, last):
    """A namespace whose eth0 hangs on the bridge, as one node more."""
    node = network.Node(name, last, cls.host.namespace + "-")
    subprocess.run(["ip", "netns", "add", node.namespace], check=True)
    cls.addClassCleanup(subprocess.run, ["ip", "netns", "delete", node.namespace], check=False)
    cls.host.run("ip", "link", "add", f"veth{last}", "type", "veth", "peer", "name", "eth0",
                 "netns", node.namespace)
    cls.host.run("ip", "link", "set", f"veth{last}", "master", "cbr0", "up")
    node.run("ip", "link", "set", "lo", "up")
    node.run("ip", "address", "add", f"172.30.0.{last}/24", "dev", "eth0")
    node.run("ip", "address", "add", f"fd30::{last}/64", "dev", "eth0", "nodad")
    node.run("ip", "link", "set", "eth0", "up")
    node.run("ip", "route", "add", "default", "via", "172.30.0.1")
    node.run("ip", "-6", "route", "add", "default", "via", "fd30::1")
    return node

  def apply(self, body):
    done = self.fleet.apply(policies.policy("subject", "all", body))
    self.fleet.wait_status(
        "web1", lambda one: "cbr0" in [i["name"] for i in one["receipt"]["interfaces"]],
        "its agent knows the bridge")
    return done

  def published(self, node, port=8080):
    return set(probe.tcp(node, [(address, port) for address in self.host.addresses()]).values())

  def test_a_published_port_is_shut_until_a_mapping_opens_it(self):
    self.fleet.wait_status(
        "web1", lambda status: any(one["what"] == "docker" for one in
                                   status.get("facts", status).get("conflicts", [])),
        "tells of the container engine")
    done = self.apply('firewall: "on"')
    self.assertRegex(done.stderr, "docker publishes are shut unless a port mapping opens them")
    self.assertEqual(done.stderr.count("warning:"), 1, done.stderr)
    self.assertEqual(self.published(self.outsider), {"filtered"})
    self.assertEqual(self.published(self.outsider, 8081), {"filtered"})
    self.assertFalse(probe.udp(self.outsider, self.host.ipv4(), 8053))
    self.apply(policies.opened("tcp/8080-8081", "udp/8053"))
    self.assertEqual(self.published(self.outsider), {"open"})
    self.assertEqual(self.published(self.outsider, 8081), {"open"})
    for address in self.host.addresses():
      self.assertTrue(probe.udp(self.outsider, address, 8053))

  def test_it_is_open_for_those_that_the_mapping_names(self):
    outsider = self.outsider
    self.apply("port_mappings:\n  - {protocol: tcp, ports: 8080-8081, "
               f'from: [{outsider.ipv4()}, "{outsider.ipv6()}"]}}\n')
    for port in (8080, 8081):
      self.assertEqual(self.published(outsider, port), {"open"})
      self.assertEqual(self.published(self.stranger, port), {"filtered"})

  def test_the_containers_own_port_opens_nothing(self):
    self.apply(policies.opened("tcp/80"))
    self.assertEqual(self.published(self.outsider), {"filtered"})
    self.outsider.run("ip", "route", "replace", "172.30.0.0/24", "via", self.host.ipv4())
    self.assertEqual(probe.tcp_one(self.outsider, "172.30.0.2", 80), "filtered")

  def test_containers_reach_out_and_each_other(self):
    self.apply('firewall: "on"')
    one, two = self.containers["one"], self.containers["two"]
    for address in self.outsider.addresses():
      with self.subTest(address=address):
        self.assertEqual(probe.tcp_one(two, address, 80), "open")
        self.assertTrue(probe.udp(two, address, 53))
        self.assertTrue(probe.ping(two, address))
        self.assertTrue(unreachable(two, address, 54))
    self.assertEqual(
        set(probe.tcp(two, [("172.30.0.2", 80), ("fd30::2", 80)]).values()), {"open"})
    self.assertEqual(probe.tcp_one(one, "172.30.0.3", 80), "open")

  def test_a_container_reaches_what_is_published_by_the_hosts_address(self):
    # With its userland proxy an engine leaves this to a program of the host; without, it changes
    # the destination of what containers send as well.
    for family in ("ip", "ip6"):
      handle = re.search(r'iifname "cbr0" return # handle (\d+)', self.host.run(
          "nft", "-a", "list", "chain", family, "nat", "DOCKER").stdout).group(1)
      self.host.run("nft", "delete", "rule", family, "nat", "DOCKER", "handle", handle)
      self.addCleanup(self.host.run, "nft", "insert", "rule", family, "nat", "DOCKER", "iifname",
                      "cbr0", "return")
    self.apply(policies.opened("tcp/8080"))
    self.host.run("nft", "add rule ip nat POSTROUTING ip saddr 172.30.0.0/24 oifname cbr0 ct status "
                  "dnat masquerade")
    self.assertEqual(probe.tcp_one(self.containers["two"], self.host.ipv4(), 8080), "open")

  def test_the_example(self):
    self.fleet.cli("apply", "--wait", "-f", _example("container-host"), check=0)
    self.addCleanup(self.fleet.cli, "delete", "policy", "container-hosts", check=0)
    self.fleet.cli("delete", "policy", "subject")
    self.assertEqual(self.published(self.outsider, 80), {"open"})
    self.assertEqual(probe.tcp_one(self.outsider, self.host.ipv4(), 9090), "open")
    self.assertEqual(probe.tcp_one(self.outsider, self.host.ipv6(), 9090), "open")
    self.assertEqual(self.published(self.outsider, 8080), {"filtered"})
    self.assertEqual(probe.tcp_one(self.containers["two"], self.outsider.ipv4(), 80), "open")

  def test_containers_that_may_not_reach_out(self):
    self.apply("forward: {block: [{in: {types: bridge}, out: {names: eth0}}]}")
    self.assertEqual(probe.tcp_one(self.containers["two"], self.outsider.ipv4(), 80), "filtered")
    self.assertEqual(probe.tcp_one(self.containers["two"], "172.30.0.2", 80), "open")

  def test_a_policy_that_goes_leaves_the_engine_its_forwarding(self):
    self.host.run("sysctl", "-qw", "net.ipv4.ip_forward=0")
    self.addCleanup(self.host.run, "sysctl", "-qw", "net.ipv4.ip_forward=1")
    self.apply("sharing: {public: eth0, private: [eth7]}")
    self.fleet.cli("delete", "policy", "subject", check=0)
    process.wait_until(
        lambda: not self.host.run("nft", "list", "ruleset").stdout.count("table inet firebreak"),
        "its rules are gone")
    self.assertEqual(probe.tcp_one(self.outsider, self.host.ipv4(), 8080), "open")


class BranchRouter(case.FleetCase):
  """The example: office and guests behind one address, the head office by a VPN."""

  HOSTS = {"gateway": {"role": "branch-router"}}
  OPTIONS = {"interfaces": 4, "bystanders": ("office", "guest", "head")}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.gateway, cls.outsider = cls.node(cls, "gateway"), cls.fleet.outsider
    cls.gateway.run("ip", "link", "set", "eth3", "down")
    cls.gateway.run("ip", "link", "set", "eth3", "name", "wg0", "up")
    cls.office, cls.guest, cls.head = (
        cls.fleet.bystanders[name] for name in ("office", "guest", "head"))
    networks = {"office": (1, "10.20.1", (9, 10)), "guest": (2, "10.20.2", (9,)),
                "head": (3, "10.9.0", (9,))}
    for name, (own, network_of, hosts) in networks.items():
      node = cls.fleet.bystanders[name]
      gateway = "wg0" if own == 3 else f"eth{own}"
      cls.gateway.run("ip", "address", "add", f"{network_of}.1/24", "dev", gateway)
      for interface in {0, 1, 2, 3} - {own}:
        node.run("ip", "link", "delete", f"eth{interface}")
      node.run("ip", "address", "flush", "dev", f"eth{own}", "scope", "global")
      for last in hosts:
        node.run("ip", "address", "add", f"{network_of}.{last}/24", "dev", f"eth{own}")
      node.run("ip", "route", "add", "default", "via", f"{network_of}.1")
      cls.fleet.traffic(node, "listen", "tcp/80", "tcp/443", "tcp/631")
    for interface in (1, 2, 3):
      cls.outsider.run("ip", "link", "delete", f"eth{interface}")
    cls.outsider.run("ip", "route", "add", "10.20.0.0/16", "via", cls.gateway.ipv4())
    cls.fleet.traffic(cls.outsider, "listen", "tcp/80", "tcp/25")
    cls.fleet.cli("apply", "--wait", "-f", _example("branch-router"), check=0)

  def test_who_reaches_whom(self):
    ways = [
        (self.office, self.outsider.ipv4(), 80, "open"),
        (self.guest, self.outsider.ipv4(), 80, "open"),
        (self.office, self.outsider.ipv4(), 25, "open"),
        (self.guest, self.outsider.ipv4(), 25, "filtered"),
        (self.office, "10.20.2.9", 80, "filtered"),
        (self.guest, "10.20.1.9", 80, "filtered"),
        (self.guest, "10.20.1.9", 631, "open"),
        (self.guest, "10.20.1.10", 631, "filtered"),
        (self.office, "10.9.0.9", 80, "open"),
        (self.guest, "10.9.0.9", 80, "filtered"),
        (self.head, "10.20.1.9", 631, "open"),
        (self.head, "10.20.1.9", 80, "filtered"),
        (self.head, "10.20.2.9", 631, "filtered"),
        (self.head, self.outsider.ipv4(), 80, "filtered"),
        (self.outsider, self.gateway.ipv4(), 443, "open"),
        (self.outsider, "10.20.1.10", 443, "filtered"),
        (self.office, self.gateway.ipv4(), 443, "open"),
    ]
    for node, address, port, state in ways:
      with self.subTest(source=node.name, address=address, port=port):
        self.assertEqual(probe.tcp_one(node, address, port), state)

  def test_segments_fit_into_the_providers_packets(self):
    self.gateway.run("ip", "link", "set", "eth0", "mtu", "1400")
    self.addCleanup(self.gateway.run, "ip", "link", "set", "eth0", "mtu", "1500")

    def listen():
      return socket.create_server((self.outsider.ipv4(), 8443))

    def segments():
      """What both ends of a connection take for the largest segment, TCP's timestamps aside."""
      with socket.create_connection((self.outsider.ipv4(), 8443), timeout=10) as client:
        server = listener.accept()[0]
        with server:
          return [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) + 12
                  for one in (client, server)]

    listener = self.outsider.inside(listen)
    self.addCleanup(listener.close)
    self.assertEqual(self.office.inside(segments), [1360, 1360])
