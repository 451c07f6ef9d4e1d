# SPDX-License-Identifier: Apache-2.0
"""A host reaches its controller through a tunnel; the tunnel's old flow proves nothing."""

import fcntl
import os
import select
import socket
import struct
import threading
import time

from harness import case
from harness import fleet as fleets
from harness import netfilter
from harness import policies
from harness import probe
from harness import process

_REACH = 3  # in seconds
_PORT = 4789  # the UDP port of both ends of the tunnel
_TCP_PORT = 1194
_HOST = "10.99.0.2"
_CONTROLLER = "10.99.0.1"

_GOOD = policies.policy("subject", '"host:web1"', policies.opened("tcp/80"))


def _outbound(*allowed):
  lines = "".join(policies.mapping(*text.split("/")) for text in allowed)
  return policies.policy("subject", '"host:web1"', policies.opened("tcp/80") + (
      "outbound:\n  default: block\n  allow:\n" + lines.replace("  - ", "    - ")))


class End:
  """One end of a tunnel: sends the IP packets of a tun device to the other end in UDP datagrams."""

  def __init__(self, node, address, peer):
    self._node = node
    self._tun, self._udp = node.inside(self._open)
    node.run("ip", "addr", "add", f"{address}/24", "dev", "tunnel")
    node.run("ip", "link", "set", "tunnel", "mtu", "1400", "up")
    self._peer = (peer, _PORT)
    self._stop, self._stopped = os.pipe()
    self._thread = threading.Thread(target=self._carry, daemon=True)
    self._thread.start()

  def _open(self):
    tun = open_tun()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("", _PORT))
    return tun, udp

  def _carry(self):
    while True:
      ready, _, _ = select.select([self._tun, self._udp, self._stop], [], [])
      if self._stop in ready:
        return
      try:
        if self._tun in ready:
          self._udp.sendto(os.read(self._tun, 2000), self._peer)
        if self._udp in ready:
          os.write(self._tun, self._udp.recv(2000))
      except OSError:
        pass  # the firewall does not let the packet out, so it is lost

  def close(self):
    os.write(self._stopped, b"x")
    self._thread.join()
    self._udp.close()
    for descriptor in (self._tun, self._stop, self._stopped):
      os.close(descriptor)


class TcpEnd:
  """One end of a tunnel over TCP, as those of ssh and OpenVPN: `peer` is whom it calls, or None."""

  def __init__(self, node, address, peer):
    self._node = node
    self._tun = node.inside(open_tun)
    node.run("ip", "addr", "add", f"{address}/24", "dev", "tunnel")
    node.run("ip", "link", "set", "tunnel", "mtu", "1400", "up")
    self._peer = peer
    self._ended = False
    self._connection = None
    self._listener = node.inside(self._listen) if peer is None else None
    self._thread = threading.Thread(target=self._carry, daemon=True)
    self._thread.start()

  def _listen(self):
    listener = socket.create_server(("", _TCP_PORT), backlog=8)
    listener.settimeout(0.2)
    return listener

  def _connect(self):
    if self._listener is not None:
      return self._listener.accept()[0]
    return self._node.inside(lambda: socket.create_connection((self._peer, _TCP_PORT), 0.5))

  def _carry(self):
    while not self._ended:
      try:
        connection = self._connect()
      except OSError:
        time.sleep(0.1)  # until the next attempt
        continue
      self._connection = connection
      try:
        self._pump(connection)
      except OSError:
        pass
      connection.close()

  def _pump(self, connection):
    received = b""
    connection.settimeout(2)
    while not self._ended:
      ready, _, _ = select.select([self._tun, connection], [], [], 0.2)
      if self._tun in ready:
        packet = os.read(self._tun, 2000)
        connection.sendall(struct.pack("!H", len(packet)) + packet)
      if connection in ready:
        more = connection.recv(65536)
        if not more:
          return
        received += more
        while len(received) >= 2 and len(received) >= 2 + int.from_bytes(received[:2], "big"):
          length = int.from_bytes(received[:2], "big")
          try:
            os.write(self._tun, received[2:2 + length])
          except OSError:
            pass
          received = received[2 + length:]

  def break_off(self):
    """Ends the connection; the end that calls begins to call again."""
    self._connection.shutdown(socket.SHUT_RDWR)

  def close(self):
    self._ended = True
    self._thread.join()
    if self._listener is not None:
      self._listener.close()
    os.close(self._tun)


def open_tun():
  tun = os.open("/dev/net/tun", os.O_RDWR)
  # IFF_TUN, without a header.
  fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH", b"tunnel", 0x1001))
  return tun


class TcpTunnel(case.FleetCase):
  """The host calls; its connection is older than the policy that does not let it call again."""

  HOSTS = {"web1": {}}
  OPTIONS = {"start": False, "agent_flags": ["--reach-timeout", str(_REACH)]}

  def setUp(self):
    self.far = TcpEnd(self.fleet.controller_node, _CONTROLLER, None)
    self.addCleanup(self.far.close)
    self.near = TcpEnd(self.node("web1"), _HOST, self.fleet.controller_node.ipv4())
    self.addCleanup(self.near.close)
    self.fleet.start_controller()
    self.start_agent(token=self.fleet.token())
    self.fleet.wait_online("web1")
    self.fleet.apply(_GOOD)

  def start_agent(self, token=None):
    self.fleet.start_agent("web1", token=token, controller=f"{_CONTROLLER}:{fleets.PORT}")

  def test_a_policy_that_only_an_older_tunnel_has_helped_is_undone_when_the_tunnel_breaks(self):
    before = netfilter.rules(self.node("web1"))
    # Its trial passes, through the tunnel.
    self.fleet.apply(_outbound(f"tcp/{fleets.PORT}"))
    status = self.fleet.status("web1")
    self.assertEqual(status["rollout"], "applied")
    self.assertRegex(status["receipt"]["unproven"][0], f"10.*:{_TCP_PORT}, which is older")
    self.assertRegex(self.fleet.cli("host", "status", "web1", check=0).stdout, r"Unproven +\S")
    self.assertNotEqual(netfilter.rules(self.node("web1")), before)

    # It breaks later, and another run of the agent has the doubt from the disk.
    self.fleet.hosts["web1"].agent.kill()
    self.near.break_off()
    self.start_agent()
    self.fleet.hosts["web1"].agent.wait_for_line("is undone")
    self.fleet.wait_online("web1")

    # With rules that let the tunnel begin nothing is in doubt.
    self.fleet.apply(_outbound(f"tcp/{fleets.PORT}", f"tcp/{_TCP_PORT}"))
    self.assertNotIn("unproven", self.fleet.status("web1")["receipt"])


class Tunnel(case.FleetCase):
  HOSTS = {"web1": {}}
  OPTIONS = {"start": False, "agent_flags": ["--reach-timeout", str(_REACH)]}

  def setUp(self):
    host = self.node("web1")
    controller = self.fleet.controller_node
    for end in (End(controller, _CONTROLLER, host.ipv4()),
                End(host, _HOST, controller.ipv4())):
      self.addCleanup(end.close)
    self.fleet.start_controller()
    self.fleet.start_agent("web1", token=self.fleet.token(),
                           controller=f"{_CONTROLLER}:{fleets.PORT}")
    self.fleet.wait_online("web1")
    self.fleet.apply(_GOOD)
    self.fleet.listen("web1", "tcp/80")

  def test_a_policy_that_forbids_the_tunnel_is_undone(self):
    before = netfilter.rules(self.node("web1"))
    mark = self.fleet.hosts["web1"].agent.mark()
    self.fleet.cli("apply", "-f", self.fleet.write(_outbound(f"tcp/{fleets.PORT}")), check=0)
    self.fleet.hosts["web1"].agent.wait_for_line("is undone", after=mark)
    self.fleet.wait_status("web1", lambda one: one.get("rollout") == "undone", "is undone")
    self.fleet.wait_status("web1", lambda one: not one["refusal"].get("trying_again"),
                           "is undone for good")
    self.assertEqual(netfilter.rules(self.node("web1")), before)
    self.assertEqual(
        probe.tcp_one(self.fleet.outsider, self.node("web1").ipv4(), 80), "open")

    # A revision that lets the tunnel out is applied.
    self.fleet.apply(_outbound(f"tcp/{fleets.PORT}", f"udp/{_PORT}"))
    process.wait_until(lambda: self.fleet.status("web1").get("rollout") == "applied", "is applied")
