# SPDX-License-Identifier: Apache-2.0
"""The base class of tests that show what a setting of `hardening` does: with packets."""

import socket
import struct

from harness import case
from harness import policies
from harness import process
from harness import stack


def shows(*settings):
  """Says which settings of the catalogue a test shows; see test_hardening_catalogue.py."""

  def mark(test):
    test.shows = settings
    return test

  return mark


class HardenedCase(case.FleetCase):
  """The host is web1, the peer on its link the outsider. The firewall is off, so that what is seen
  is what the kernel does; tests whose setting is a rule turn it on by `body`."""

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"].node
    cls.peer = cls.fleet.outsider
    cls.mac = stack.mac(cls.host)
    cls.peer_mac = stack.mac(cls.peer)
    for address in cls.peer.addresses():
      cls.host.run("ping", "-c1", "-W1", address, check=False)

  def apply(self, body='firewall: "off"', **settings):
    lines = ", ".join(f"{name}: {value}" for name, value in settings.items())
    self.fleet.apply(policies.policy(
        "subject", "all", f"{body}\nhardening: {{settings: {{{lines}}}}}"))

  def compare(self, setting, effect, without, having, body='firewall: "off"', **also):
    """`effect` says whether something happens: it does with `setting: without`, and no longer with
    `setting: having`. `also` are settings that it takes in both."""
    for value, happens in ((without, True), (having, False)):
      with self.subTest(setting, value=value):
        self.apply(body, **also, **{setting: value})
        self.assertEqual(effect(), happens)

  def ip(self, *lines):
    """Does it on the host, and undoes what can be undone when the test ends."""
    undo = {"add": "delete"}
    for line in lines:
      self.host.run("ip", *line.split())
      words = line.split()
      if "add" in words:
        at = words.index("add")
        self.addCleanup(self.host.run, "ip", *words[:at], undo["add"], *words[at + 1:], check=False)

  def second_link(self, name="second0"):
    """A link without addresses, whose other end nobody uses. Strict rp_filter stays strict."""
    self.host.run("ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}-end")
    self.addCleanup(self.host.run, "ip", "link", "delete", name)
    for end in (name, f"{name}-end"):
      self.host.run("ip", "link", "set", end, "up")

  def marker(self, port):
    return stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 17, stack.udp(
        self.peer.ipv4(), self.host.ipv4(), 5000, port, b"marker"))

  def reaches_socket(self, packet, port=9, address="", target=None, wanted=b"wanted"):
    """Whether a UDP socket of the host gets the packet. A second packet, which follows on the same
    way, says that the first has been decided about."""
    family = socket.AF_INET6 if packet[0] >> 4 == 6 else socket.AF_INET

    def listen():
      listener = socket.socket(family, socket.SOCK_DGRAM)
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
      listener.bind((address, port))
      return listener

    with self.host.inside(listen) as listener, self.host.inside(
        lambda: _plain(self.host.ipv4(), port + 1)) as follower:
      follower.settimeout(process.PATIENCE)
      listener.setblocking(False)
      stack.send_frames(self.peer, [
          (target or self.mac, 0x86dd if family == socket.AF_INET6 else 0x0800, packet),
          (self.mac, 0x0800, self.marker(port + 1))])
      while follower.recv(2048) != b"marker":
        pass
      try:
        while wanted not in listener.recv(2048):
          pass
        return True
      except BlockingIOError:
        return False

  def answers(self, frames, is_answer):
    """Whether an answer to any of the frames comes to the peer, before that to a last ping."""
    ping = stack.ipv4(self.peer.ipv4(), self.host.ipv4(), 1, stack.icmp(
        8, 0, struct.pack("!HH", 77, 1) + b"last"))
    with stack.Wire(self.peer) as wire:
      stack.send_frames(self.peer, [*frames, (self.mac, 0x0800, ping)])
      packets = wire.until(lambda packet: packet[9:10] == b"\x01" and packet[20:21] == b"\0" and
                           packet.endswith(b"last"))
    return any(is_answer(packet) for packet in packets)


def _plain(address, port):
  listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  listener.bind((address, port))
  return listener
