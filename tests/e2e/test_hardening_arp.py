# SPDX-License-Identifier: Apache-2.0
"""What the host answers to ARP, asks by it and believes of it, by `hardening`."""

from harness import hardened
from harness import process
from harness import stack

_ASK, _ANSWER = 1, 2
_ARP = 0x0806
_NOBODY, _EVERYBODY = bytes(6), b"\xff" * 6
_ELSEWHERE = "198.51.100.7"  # behind the second link
_INNER = "192.0.2.77"  # an address of the host, but not of eth0


def _is_arp(packet, operation):
  return packet[:8] == bytes.fromhex("0001080006040000")[:6] + operation.to_bytes(2, "big")


def _sender(packet):
  return ".".join(map(str, packet[14:18]))


class Arp(hardened.HardenedCase):

  def setUp(self):
    self.second_link()
    self.ip("route add 198.51.100.0/24 dev second0", f"address add {_INNER}/32 dev lo")

  def answered(self, target, sender=None, frames_before=()):
    """Whether the host says that the address is at its own link layer address."""
    # To the host alone, so that what it answers for others is not put off.
    question = stack.arp(_ASK, self.peer_mac, sender or self.peer.ipv4(), _NOBODY, target)
    return self.answers(
        [*frames_before, (self.mac, _ARP, question)],
        lambda packet: _is_arp(packet, _ANSWER) and _sender(packet) == target and
        packet[8:14] == self.mac)

  @hardened.shows("arp_ignore")
  def test_addresses_of_other_interfaces_are_kept_to_itself(self):
    self.compare("arp_ignore", lambda: self.answered(_INNER), 0, 1)
    self.assertTrue(self.answered(self.host.ipv4()))
    stranger = lambda: self.answered(self.host.ipv4(), sender="203.0.113.9")
    self.compare("arp_ignore", stranger, 1, 2)

  @hardened.shows("arp_filter")
  def test_only_the_way_back_to_the_asker_answers(self):
    self.compare("arp_filter", lambda: self.answered(self.host.ipv4(), sender=_ELSEWHERE), 0, 1)

  @hardened.shows("proxy_arp")
  def test_it_does_not_answer_for_others(self):
    self.compare("proxy_arp", lambda: self.answered(_ELSEWHERE), 1, 0, ip_enable_router=1)

  @hardened.shows("arp_announce")
  def test_its_own_questions_tell_an_address_of_the_interface(self):
    unknown = iter(("10.77.0.97", "10.77.0.98"))

    def tells():
      target = next(unknown)
      with stack.Wire(self.peer) as wire:
        self.host.run("ping", "-c1", "-W1", "-I", _INNER, target, check=False)
        question = wire.until(lambda packet: _is_arp(packet, _ASK) and
                              packet[24:28] == bytes(map(int, target.split("."))))[-1]
      return _sender(question) == _INNER

    self.compare("arp_announce", tells, 0, 2)

  @hardened.shows("drop_gratuitous_arp")
  def test_what_nobody_asked_for_is_not_believed(self):
    neighbour, before, after = "10.77.0.96", "02:00:00:00:00:09", "02:00:00:00:00:0a"

    def believed():
      self.host.run("ip", "neighbour", "replace", neighbour, "lladdr", before, "dev", "eth0",
                    "nud", "stale")
      claim = bytes.fromhex(after.replace(":", ""))
      # What is asked behind it has been answered, so it has been looked at.
      self.assertTrue(self.answered(self.host.ipv4(), frames_before=[
          (_EVERYBODY, _ARP, stack.arp(_ASK, claim, neighbour, _NOBODY, neighbour))]))
      return after in self.host.run("ip", "neighbour", "show", neighbour).stdout

    self.addCleanup(self.host.run, "ip", "neighbour", "delete", neighbour, "dev", "eth0",
                    check=False)
    self.compare("drop_gratuitous_arp", believed, 0, 1)

  def test_a_section_holds_for_its_interface_only(self):
    self.apply('firewall: "off"\ninterfaces: [{match: {names: [eth0]}, hardening: {settings: '
               "{arp_ignore: 1}}}]", arp_ignore=0)
    self.assertFalse(self.answered(_INNER))
    process.wait_until(
        lambda: stack.get(self.host, "net/ipv4/conf/second0/arp_ignore") == "0" and
        stack.get(self.host, "net/ipv4/conf/all/arp_ignore") == "0", "the others keep theirs")
