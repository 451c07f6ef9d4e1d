# SPDX-License-Identifier: Apache-2.0
"""Compares every field of the log with what tcpdump saw of the packets; nobody can forge a line."""

import json
import random
import socket
import struct

from harness import capture
from harness import case
from harness import process
from harness import records

_FIELDS = ("protocol", "src-ip", "dst-ip", "src-port", "dst-port", "size", "tcpflags", "tcpsyn",
           "tcpack", "tcpwin", "icmptype", "icmpcode")


def _key(fields):
  return tuple(fields[name] for name in _FIELDS)


class Fields(case.FleetCase):
  OPTIONS = {"interfaces": 2}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.file = cls.fleet.path("web1.log")
    cls.fleet.apply(records.watched(cls.file))

  def packets(self):
    """Sends IPv4 and IPv6 packets of many kinds, none of which the host accepts."""
    random.seed(7)
    made = []
    for flags in (0x02, 0x10, 0x11, 0x04, 0x29, 0x00, 0x3f):
      made.append((6, struct.pack(">HHIIBBHHH", random.randrange(1024, 65536), 6000 + flags,
                                  random.getrandbits(32), random.getrandbits(32), 5 << 4, flags,
                                  random.randrange(65536), 0, 0)))
    for size in (0, 1, 1000):
      made.append((17, struct.pack(">HHHH", 5000 + size, 6100, 8 + size, 0) + bytes(size)))
    made.append((17, struct.pack(">HH", 7, 9)))  # the header is cut short
    made.append((47, b"\x00\x00\x88\xbe" + bytes(8)))
    made.append((132, struct.pack(">HHII", 5001, 6101, 0, 0)))
    return made

  def send(self, address, family):
    def body():
      for protocol, payload in self.packets():
        with socket.socket(family, socket.SOCK_RAW, protocol) as sender:
          sender.sendto(payload, (address, 0))
      icmp = 1 if family == socket.AF_INET else 58
      with socket.socket(family, socket.SOCK_RAW, icmp) as sender:
        sender.sendto(struct.pack(">BBHHH", 8 if icmp == 1 else 128, 0, 0, 1, 1), (address, 0))
      # The datagram is too large for one packet.
      with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.sendto(bytes(4000), (address, 6102))
    self.fleet.outsider.inside(body)

  def test_dropped_packets_are_told_as_tcpdump_saw_them(self):
    node, outsider = self.node("web1"), self.fleet.outsider
    # The nodes must know each other's link address first, because neighbour discovery is not part
    # of the test.
    for address in node.addresses():
      outsider.run("ping", "-c", "1", "-W", "1", address, check=False)
    before = len(records.read_file(self.file))
    seen = capture.Capture(
        self.fleet, node,
        f"(src host {outsider.ipv4()} or src host {outsider.ipv6()}) and "
        "(ip or (ip6 and not (icmp6 and ip6[40] > 130)))")
    self.send(node.ipv4(), socket.AF_INET)
    self.send(node.ipv6(), socket.AF_INET6)
    count = 2 * (len(self.packets()) + 1 + 1)
    packets = seen.packets(count)
    # The kernel reassembles the fragments of a datagram before the rules see it, so their sizes are
    # added too.
    whole = [_key(one) for one in packets if one["dst-port"] not in ("6102", "-")
             or one["protocol"] not in ("UDP", "-")]

    def told():
      return [one for one in records.read_file(self.file)[before:] if one["action"] == "DROP"]

    process.wait_until(lambda: len(told()) >= len(whole), "all are in the log")
    lines = [_key(one) for one in told()]
    for one in whole:
      self.assertIn(one, lines)
    datagrams = [one for one in told() if one["dst-port"] == "6102"]
    self.assertEqual(sorted({one["src-ip"] for one in datagrams}),
                     sorted({str(one["src-ip"]) for one in packets}))
    for one in told():
      self.assertEqual(one["x-interface"], "eth0")

  def test_lnav_reads_the_file(self):
    self.send(self.node("web1").ipv4(), socket.AF_INET)
    process.wait_until(lambda: len(records.read_file(self.file)) > 10, "records are there")
    done = self.node("web1").run(
        "env", f"HOME={self.fleet.directory}", "lnav", "-n", "-c",
        ";SELECT count(*) AS n FROM w3c_log WHERE jget(x_fields, '/action') = 'DROP'",
        "-c", ":write-json-to -", self.file)
    dropped = sum(1 for one in records.read_file(self.file) if one["action"] == "DROP")
    self.assertEqual(json.loads(done.stdout), [{"n": dropped}])

  def test_nobody_forges_a_line(self):
    node = self.node("web1")
    name = "e\x1b[2J\x7f1"
    node.run("ip", "link", "set", "eth1", "down")
    node.run("ip", "link", "set", "eth1", "name", name)
    node.run("ip", "link", "set", name, "up")
    process.wait_until(
        lambda: node.run("ip", "address", "add", "fd77:1::99/64", "dev", name, "nodad",
                         check=False).returncode in (0, 2), "the interface is up")
    prefix = "2026-11-21 00:00:00 OPEN TCP 192.0.2.1 192.0.2.2 1 2"
    node.run("nft", "-f", "-", text_input=(
        "table inet other {\n chain c {\n type filter hook input priority -300\n"
        f'udp dport 6200 log group 7464 prefix "{prefix} "\n }}\n}}\n'))
    self.addCleanup(node.run, "nft", "delete", "table", "inet", "other")

    def body():
      for address in (node.ipv4(0), node.ipv4(1)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
          sender.sendto(b"\n2026-11-21 forged\n", (address, 6200))
    self.fleet.outsider.inside(body)
    # read_file fails for a line that is not ASCII, or has another number of fields than the header.
    process.wait_until(
        lambda: any(one["x-reason"].startswith("foreign:") for one in records.read_file(self.file)),
        "what others log is told as theirs")
    lines = records.read_file(self.file)
    self.assertFalse([one for one in lines if one["action"] == "OPEN"])
    foreign = [one for one in lines if one["x-reason"].startswith("foreign:")]
    self.assertIn("\\x20OPEN\\x20", foreign[0]["x-reason"])
    shown = self.fleet.cli("logs", "--port", "6200", "-n", "0", check=0).stdout
    self.assertNotIn("\x1b", shown)
    self.assertNotIn("forged", shown)
