# SPDX-License-Identifier: Apache-2.0
"""Connections older than the first policy: those that the policy permits continue, others end."""

import socket
import threading

from harness import case
from harness import policies
from harness import probe

_PATIENCE = 1.5  # seconds to wait for an answer that must not come

_POLICIES = (
    policies.policy("plain", '"host:web1"', policies.opened("tcp/2022")) +
    policies.policy("proxied", '"host:web2"',
                    "port_mappings:\n" + policies.mapping("tcp", 2022, handshake="proxy")))


def _echo(listener):
  """Echoes on each connection until the listener is closed."""

  def serve(connection):
    with connection:
      while data := connection.recv(100):
        connection.sendall(data)

  while True:
    try:
      connection, _ = listener.accept()
    except OSError:
      return
    threading.Thread(target=serve, args=(connection,), daemon=True).start()


class Running(case.FleetCase):
  HOSTS = {"web1": {}, "web2": {}}

  def connect(self, name, port):
    """Opens a connection from the outsider to an echo on the host."""
    listener = self.node(name).inside(lambda: socket.create_server(("", port)))
    self.addCleanup(listener.close)
    threading.Thread(target=_echo, args=(listener,), daemon=True).start()
    address = (self.node(name).ipv4(), port)
    client = self.fleet.outsider.inside(lambda: socket.create_connection(address))
    self.addCleanup(client.close)
    self.assertTrue(self.echoes(client))
    return client

  def echoes(self, client):
    client.settimeout(_PATIENCE * 4)
    client.sendall(b"word")
    try:
      return client.recv(100) == b"word"
    except TimeoutError:
      return False

  def test_a_session_goes_on_if_its_port_is_opened(self):
    opened = self.connect("web1", 2022)
    closed = self.connect("web1", 2023)
    # This connection is the host's own, to a server outside.
    server = self.fleet.outsider.inside(lambda: socket.create_server(("", 2024)))
    self.addCleanup(server.close)
    own = self.node("web1").inside(
        lambda: socket.create_connection((self.fleet.outsider.ipv4(), 2024)))
    self.addCleanup(own.close)
    peer, _ = server.accept()
    self.addCleanup(peer.close)
    proxied = self.connect("web2", 2022)

    self.fleet.apply(_POLICIES)
    # The client sends first.
    self.assertTrue(self.echoes(opened))
    self.assertFalse(self.echoes(closed))
    own.settimeout(_PATIENCE * 4)
    peer.sendall(b"told")
    self.assertEqual(own.recv(100), b"told")
    self.assertTrue(self.echoes(proxied), "connections that are older than the proxy go on")
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.node("web2").ipv4(), 2022), "open")

    self.fleet.hosts["web1"].agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.assertTrue(self.echoes(opened))
    peer.sendall(b"more")
    self.assertEqual(own.recv(100), b"more")
