# SPDX-License-Identifier: Apache-2.0
"""Packets that virtual machines send through the host's own interface are not the host's."""

import fcntl
import os
import socket
import struct
import subprocess

from harness import case
from harness import policies
from harness import sniffer

_GUEST = "10.77.0.150"
_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI = 2, 0x1000


class Guests(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"].node
    cls.peer = cls.mac(cls.fleet.outsider, "eth0")

  @staticmethod
  def mac(node, interface):
    text = node.run("cat", f"/sys/class/net/{interface}/address").stdout.strip()
    return bytes.fromhex(text.replace(":", ""))

  def frame(self, source):
    body = struct.pack("!HHHH", 4000, 9, 8, 0)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 7, 0, 64, 17, 0,
                         socket.inet_aton(_GUEST), socket.inet_aton(self.fleet.outsider.ipv4()))
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xffff) + (total >> 16)
    checksum = struct.pack("!H", ~(total + (total >> 16)) & 0xffff)
    return self.peer + source + b"\x08\x00" + header[:10] + checksum + header[12:] + body

  def arrives(self, path, interface, source):
    def send():
      descriptor = os.open(path, os.O_RDWR)
      try:
        fcntl.ioctl(descriptor, _TUNSETIFF,
                    struct.pack("16sH14x", interface.encode(), _IFF_TAP | _IFF_NO_PI))
        os.write(descriptor, self.frame(source))
      finally:
        os.close(descriptor)

    return _GUEST in sniffer.sources(
        self.fleet.outsider, "eth0", lambda: self.host.inside(send))

  def wait_interface(self, name):
    self.fleet.wait_status(
        "web1", lambda one: name in [i["name"] for i in one["receipt"]["interfaces"]],
        f"its agent knows {name}")

  def test_a_machine_on_a_macvtap(self):
    self.fleet.apply(policies.policy("subject", "all", "firewall: on"))
    self.host.run("ip", "link", "add", "link", "eth0", "name", "guest0", "type", "macvtap",
                  "mode", "bridge")
    self.addCleanup(self.host.run, "ip", "link", "delete", "guest0")
    self.host.run("ip", "link", "set", "guest0", "up")
    self.wait_interface("guest0")
    index = self.host.run("cat", "/sys/class/net/guest0/ifindex").stdout.strip()
    self.assertTrue(self.arrives(f"/dev/tap{index}", "guest0", self.mac(self.host, "guest0")))

  def test_a_machine_whose_tap_is_passed_on(self):
    self.fleet.apply(policies.policy("subject", "all", "firewall: on"))
    self.host.run("ip", "tuntap", "add", "guest1", "mode", "tap")
    self.addCleanup(self.host.run, "ip", "link", "delete", "guest1")
    self.host.run("ip", "link", "set", "guest1", "up")
    self.host.run("nft", "-f", "-", text_input="""\
table netdev guests {
  chain in { type filter hook ingress device "guest1" priority 0; fwd to "eth0"; }
}
""")
    self.addCleanup(self.host.run, "nft", "delete", "table", "netdev", "guests")
    self.assertTrue(self.arrives("/dev/net/tun", "guest1", b"\x02\0\0\0\0\x77"))

  def test_a_machine_on_a_macvlan_of_a_namespace_of_its_own(self):
    self.fleet.apply(policies.policy("subject", "all", "firewall: on"))
    outsider = self.fleet.outsider
    inside = self.host.namespace + "-g"
    for command in (["ip", "netns", "add", inside],
                    ["ip", "-n", self.host.namespace, "link", "add", "link", "eth0", "name",
                     "guest2", "type", "macvlan", "mode", "bridge"],
                    ["ip", "-n", self.host.namespace, "link", "set", "guest2", "netns", inside],
                    ["ip", "-n", inside, "address", "add", f"{_GUEST}/24", "dev", "guest2"],
                    ["ip", "-n", inside, "link", "set", "guest2", "up"]):
      self.run_here(*command)
      if command[1:3] == ["netns", "add"]:
        self.addCleanup(self.run_here, "ip", "netns", "delete", inside)
    self.run_here("ip", "netns", "exec", inside, "ping", "-c1", "-W2", outsider.ipv4())

  @staticmethod
  def run_here(*command):
    subprocess.run(command, check=True, capture_output=True)
