# SPDX-License-Identifier: Apache-2.0
"""A host reaches its controller through a tunnel; the tunnel's old flow proves nothing."""

import fcntl
import os
import select
import socket
import struct
import threading

from harness import case
from harness import fleet as fleets
from harness import netfilter
from harness import policies
from harness import probe
from harness import process

_REACH = 3  # in seconds
_PORT = 4789  # the UDP port of both ends of the tunnel
_HOST = "10.99.0.2"
_CONTROLLER = "10.99.0.1"

_GOOD = policies.policy("subject", '"host:web1"', policies.opened("tcp/80"))


def _outbound(*allowed):
  lines = "".join(policies.mapping(*text.split("/")) for text in allowed)
  return policies.policy("subject", '"host:web1"', policies.opened("tcp/80") + (
      "outbound:\n  default: block\n  allow:\n" + lines.replace("  - ", "    - ")))


class End:
  """One end of a tunnel: sends the IP packets of a tun device to the other end in UDP datagrams."""

  _TUNSETIFF = 0x400454CA

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
    tun = os.open("/dev/net/tun", os.O_RDWR)
    # IFF_TUN, without a header.
    fcntl.ioctl(tun, self._TUNSETIFF, struct.pack("16sH", b"tunnel", 0x1001))
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
