# SPDX-License-Identifier: Apache-2.0
"""Broadcasts and multicasts of hosts, and their answers, which connection tracking cannot match."""

import contextlib
import select
import socket

from harness import case
from harness import policies

_SERVER, _CLIENT = 67, 68  # RFC 2131
_EVERYBODY = "255.255.255.255"
_SETTLE = 0.4  # seconds; the wire is a veth, so a packet that has not arrived by then never will


class Exchanges(case.FleetCase):
  OPTIONS = {"bystanders": ("other",)}

  def setUp(self):
    self.host, self.server = self.node("web1"), self.fleet.outsider
    self.other = self.fleet.bystanders["other"]
    self.fleet.apply(policies.policy("subject", "all", "firewall: on"))

  @contextlib.contextmanager
  def socket(self, node, port):
    def make():
      one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
      one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
      one.bind(("", port))
      return one

    with node.inside(make) as made:
      yield made

  @staticmethod
  def comes(sender, receiver, address, port):
    """Whether a packet that the sender sends to the address reaches the receiver."""
    try:
      sender.sendto(b"dhcp", (address, port))
    except PermissionError:
      return False  # the packet was dropped, and the kernel told the sender
    come = bool(select.select([receiver], [], [], _SETTLE)[0])
    if come:
      receiver.recv(100)
    return come


class Broadcasts(Exchanges):

  def test_a_blocked_host_asks_for_its_address_and_nobody_else(self):
    self.fleet.apply(policies.policy("subject", "all", """\
outbound:
  default: block
  allow: [{service: firebreak}]
"""))
    with (self.socket(self.host, _CLIENT) as client, self.socket(self.server, _SERVER) as server,
          self.socket(self.other, _SERVER) as other):
      self.assertFalse(self.comes(client, server, self.server.ipv4(), _SERVER))
      self.assertTrue(self.comes(client, server, _EVERYBODY, _SERVER))
      self.assertTrue(self.comes(server, client, _EVERYBODY, _CLIENT))
      other.recv(100)
      self.assertTrue(self.comes(client, server, self.server.ipv4(), _SERVER), "a renewal")
      self.assertFalse(self.comes(client, other, self.other.ipv4(), _SERVER))

  def test_a_host_hears_its_own(self):
    self.fleet.apply(policies.policy("subject", "all", policies.opened("udp/5000")))
    with self.socket(self.host, 5000) as one, self.socket(self.host, 5001) as two:
      for address in (_EVERYBODY, "10.77.0.255"):
        self.assertTrue(self.comes(two, one, address, 5000), address)
        self.assertFalse(self.comes(one, two, address, 5001), f"{address}, a closed port")


class Answers(Exchanges):
  """A class of its own, so that the host has asked for nothing yet."""

  def test_an_answer_of_dhcp_comes_in_where_it_was_asked_for(self):
    with self.socket(self.host, _CLIENT) as client, self.socket(self.server, _SERVER) as server:
      self.assertFalse(self.comes(server, client, self.host.ipv4(), _CLIENT), "nobody has asked")
      self.assertTrue(self.comes(server, client, _EVERYBODY, _CLIENT))
      self.assertTrue(self.comes(client, server, _EVERYBODY, _SERVER))
      self.assertTrue(self.comes(server, client, self.host.ipv4(), _CLIENT))
