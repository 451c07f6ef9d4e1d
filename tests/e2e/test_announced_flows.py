# SPDX-License-Identifier: Apache-2.0
"""A helper admits flows that a program has asked for, not flows announced by an attacker's trick.
"""

import socket

from harness import case
from harness import policies
from harness import probe


class AnnouncedFlows(case.FleetCase):
  """An attacker makes the host's FTP client announce ports to a server of the attacker's."""

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host, cls.attacker = cls.node(cls, "web1"), cls.fleet.outsider
    cls.fleet.listen("web1", "tcp/22", "tcp/8080", "tcp/40000")

  def reached(self, port):
    """Whether the attacker gets to the port after a PORT command that names it."""

    def serve():
      server = socket.create_server((self.attacker.ipv4(), 21))
      server.settimeout(10)
      return server

    server = self.attacker.inside(serve)
    client = self.host.inside(
        lambda: socket.create_connection((self.attacker.ipv4(), 21), timeout=10))
    with server, client:
      there, _ = server.accept()
      with there:
        there.sendall(b"220 welcome\r\n")
        client.recv(100)
        # The helper reads lines only behind the first one.
        client.sendall(b"USER anonymous\r\n")
        there.settimeout(10)
        there.recv(100)
        address = self.host.ipv4().replace(".", ",")
        client.sendall(f"PORT {address},{port >> 8},{port & 255}\r\n".encode())
        there.recv(100)
        return probe.tcp_one(self.attacker, self.host.ipv4(), port) == "open"

  def test_only_ports_that_a_client_is_given_are_reached(self):
    self.fleet.apply(policies.policy("subject", "all", "helpers: [ftp]"))
    self.assertEqual({port: self.reached(port) for port in (22, 8080, 40000)},
                     {22: False, 8080: False, 40000: True})

  def test_an_open_port_is_open_announced_or_not(self):
    self.fleet.apply(
        policies.policy("subject", "all", "helpers: [ftp]\n" + policies.opened("tcp/8080")))
    self.assertTrue(self.reached(8080))
