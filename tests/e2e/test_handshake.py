# SPDX-License-Identifier: Apache-2.0
"""`handshake: proxy` where the device checks no sums of what it receives."""

import fcntl
import socket
import struct

from harness import case
from harness import policies
from harness import probe

_SIOCETHTOOL = 0x8946
_SET_RECEIVE, _SET_SEND = 0x15, 0x17  # ETHTOOL_SRXCSUM, ETHTOOL_STXCSUM


def _switch_off(node, interface, command):
  """Switches the offload of sums off, as `ethtool -K INTERFACE rx off` (or `tx off`) does."""
  def switch():
    import ctypes
    value = ctypes.create_string_buffer(struct.pack("II", command, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
      fcntl.ioctl(device, _SIOCETHTOOL,
                  struct.pack("16sP16x", interface.encode(), ctypes.addressof(value)))
  node.inside(switch)


class WithoutOffload(case.FleetCase):
  HOSTS = {"web1": {}}

  def test_ipv6_goes_to_the_service_and_the_host_says_so(self):
    node, outsider = self.node("web1"), self.fleet.outsider
    self.fleet.listen("web1", "tcp/80")
    self.fleet.apply(policies.policy(
        "subject", "all", "port_mappings: [{protocol: tcp, ports: 80, handshake: proxy}]"))
    for address in node.addresses():
      self.assertEqual(probe.tcp_one(outsider, address, 80), "open", address)
    self.assertNotIn("notes", self.fleet.status("web1")["receipt"]["interfaces"][0])

    _switch_off(outsider, "eth0", _SET_SEND)
    _switch_off(node, "eth0", _SET_RECEIVE)
    status = self.fleet.wait_status(
        "web1", lambda one: "notes" in one["receipt"]["interfaces"][0], "says so")
    self.assertIn("IPv4 only", status["receipt"]["interfaces"][0]["notes"][0])
    self.assertIn("checks no sums", self.fleet.cli("host", "status", "web1", check=0).stdout)
    for address in node.addresses():
      self.assertEqual(probe.tcp_one(outsider, address, 80), "open", address)
