# SPDX-License-Identifier: Apache-2.0
"""Compares every field of connections in the log with what tcpdump saw of their packets."""

import calendar
import ipaddress
import itertools
import socket
import time

from harness import capture
from harness import case
from harness import policies
from harness import process
from harness import records

_NOTHING = ("tcpflags", "tcpsyn", "tcpack", "tcpwin", "info", "x-reason")


def _flow(packet):
  """The key that both directions of a connection have in common."""
  ends = [(packet[end + "-ip"], packet[end + "-port"]) for end in ("src", "dst")]
  return packet["protocol"], tuple(sorted(ends))


def _told(packet, kind):
  """The fields that the log has for a connection that begins with this packet."""
  fields = ["protocol", "src-ip", "dst-ip", "src-port", "dst-port", "icmptype", "icmpcode"]
  return (kind, *(packet[name] for name in fields))


def _line(line):
  return _told(line, line["action"])


class Connections(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.file = cls.fleet.path("web1.log")
    # The bytes are counted because the policy asks for the log.
    cls.fleet.hosts["web1"].node.run("sysctl", "-qw", "net.netfilter.nf_conntrack_acct=0")
    cls.fleet.apply(
        policies.group("web", "role", "web") +
        policies.policy("watched", "web", 'firewall: "on"\nicmp: [echo-request]\n' +
                        records.logging(cls.file, dropped="false", connections="true") +
                        policies.opened("tcp/80", "udp/80")))
    cls.fleet.listen("web1", "tcp/80", "udp/80")
    cls.fleet.traffic(cls.fleet.outsider, "listen", "tcp/8080", "udp/8080")

  def exchange(self, node, peer, port):
    """Makes a TCP connection, a UDP exchange and a ping, over IPv4 and IPv6."""
    def talk():
      for address, kind in itertools.product(peer.addresses(),
                                             (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, kind) as client:
          client.settimeout(10)
          client.connect((address, port))
          client.send(b"x" * (100 + len(address)))
          client.recv(1000)
    node.inside(talk)
    for address in peer.addresses():
      node.run("ping", "-n", "-c", "1", "-W", "5", address)

  def test_every_field(self):
    node, outsider = self.node("web1"), self.fleet.outsider
    for address in node.addresses():
      outsider.run("ping", "-c", "1", address)
    node.run("conntrack", "-D", check=False)
    before = len(records.read_file(self.file))
    seen = capture.Capture(
        self.fleet, node,
        f"(host {outsider.ipv4()} or host {outsider.ipv6()}) and "
        "(ip or (ip6 and not (icmp6 and ip6[40] > 130)))")
    self.exchange(outsider, node, 80)
    self.exchange(node, outsider, 8080)
    packets = seen.packets(2 * 2 * (2 + 2 + 10))
    flows = {}
    for packet in packets:
      flows.setdefault(_flow(packet), []).append(packet)
    opened, closed, begun = [], [], {}
    for packets in flows.values():
      # Pings in the two directions differ only in who asked, so they share a key.
      if packets[0]["icmptype"] != "-":
        packets = [packets[:2], packets[2:]]
      else:
        packets = [packets]
      for one in packets:
        first = one[0]
        kind = "OPEN" if first["src-ip"] in self.own(node) else "OPEN-INBOUND"
        opened.append(_told(first, kind))
        closed.append((*_told(first, "CLOSE"), str(sum(int(part["size"]) for part in one))))
        begun[_told(first, "")[1:]] = first["seconds"]
    self.assertEqual(len(opened), 12)

    def lines(action):
      found = [one for one in records.read_file(self.file)[before:]
               if one["action"].startswith(action) and
               {one["src-ip"], one["dst-ip"]} & set(self.own(outsider))]
      return found

    process.wait_until(lambda: len(lines("OPEN")) >= len(opened), "all have begun")
    self.assertEqual(sorted(map(_line, lines("OPEN"))), sorted(opened))
    # TCP says when a connection is closed, and the log says it then.
    tcp = [one for one in closed if one[1] == "TCP"]
    process.wait_until(lambda: len(lines("CLOSE")) >= len(tcp), "those of TCP have ended")
    self.assertEqual(sorted((*_line(one), one["size"]) for one in lines("CLOSE")), sorted(tcp))
    node.run("conntrack", "-D", check=False)  # otherwise they would end after a long silence
    ended = time.time()
    process.wait_until(lambda: len(lines("CLOSE")) >= len(closed), "all have ended")
    self.assertEqual(sorted((*_line(one), one["size"]) for one in lines("CLOSE")), sorted(closed))

    for one in lines("OPEN") + lines("CLOSE"):
      at = calendar.timegm(time.strptime(one["date"] + " " + one["time"], "%Y-%m-%d %H:%M:%S"))
      if one["action"] == "CLOSE" and one["protocol"] != "TCP":
        self.assertLess(abs(at - ended), 5, one)
      elif one["action"] != "CLOSE":
        self.assertEqual(one["size"], "-")
        self.assertLessEqual(abs(at - begun[_line(one)[1:]]), 1, one)
      self.assertEqual([one[name] for name in _NOTHING], ["-"] * len(_NOTHING))
      self.assertEqual((one["x-interface"], one["x-location"], one["x-policy"]),
                       ("eth0", "elsewhere", "watched"))
      mapped = one["dst-port"] == "80"
      self.assertEqual(one["x-mapping"],
                       f"{one['protocol'].lower()}-80" if mapped else "-", one)

  def test_attempts_are_no_connections(self):
    node, outsider = self.node("web1"), self.fleet.outsider
    before = len(records.read_file(self.file))
    outsider.run("nft", "add table inet deaf; add chain inet deaf in { type filter hook input "
                 "priority 0; }; add rule inet deaf in meta l4proto { tcp, udp } th dport 8099 drop")
    self.addCleanup(outsider.run, "nft", "delete table inet deaf")

    def attempt(port, kind=socket.SOCK_STREAM):
      with socket.socket(socket.AF_INET, kind) as client:
        client.settimeout(0.5)
        try:
          client.connect((outsider.ipv4(), port))
          client.send(b"x")
        except OSError:
          pass

    node.inside(lambda: [attempt(8098), attempt(8099), attempt(8099, socket.SOCK_DGRAM)])
    node.run("conntrack", "-D", "-d", outsider.ipv4(), check=False)  # the others would wait longer

    def lines():
      return [one for one in records.read_file(self.file)[before:]
              if one["dst-port"] in ("8098", "8099")]

    process.wait_until(lambda: len(lines()) >= 3, "all have ended")
    self.assertEqual(
        sorted((one["action"], one["protocol"], one["dst-port"], one["x-reason"])
               for one in lines()),
        [("CLOSE", "TCP", "8098", "refused"), ("CLOSE", "TCP", "8099", "unanswered"),
         ("CLOSE", "UDP", "8099", "unanswered")])

  def own(self, node):
    """The node's addresses in the form that the log uses."""
    return [str(ipaddress.ip_address(address)) for address in node.addresses()]
