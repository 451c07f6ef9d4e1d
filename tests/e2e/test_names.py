# SPDX-License-Identifier: Apache-2.0
"""Names that look alike when joined still name different things."""

import socket

from harness import case
from harness import locations
from harness import policies
from harness import probe

# Nothing listens at this address.
NOWHERE = "10.77.0.1:7999"
# The compiler gives such names to parts of the rules for corp.
LOOK_ALIKES = ("corp.others", "corp.s0-0", "corp.private", "corp.ports")


class Locations(case.FleetCase):
  """The laptop has proven to be at corp; it is not at any location with a similar name."""

  HOSTS = {"laptop": {"role": "laptop"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.corp, _ = locations.corp_beside_the_controller(cls.fleet)
    cls.others = [locations.Location(cls.fleet, name, [NOWHERE], precedence=10 + i)
                  for i, name in enumerate(LOOK_ALIKES)]
    cls.fleet.listen("laptop", "tcp/80", "tcp/81")

  def assert_open_as_at_corp(self, at_corp):
    """Opens port 80 where the laptop is not; asserts that only corp's port 81 is open."""
    for other in self.others:
      for precedence in (1, 100):
        with self.subTest(other.name, precedence=precedence):
          corp = self.corp.text.removesuffix("---\n") + f"precedence: {precedence}\n---\n"
          self.fleet.apply(
              corp + other.text
              + policies.policy("here", "all", "locations: [corp]\n" + at_corp)
              + policies.policy("there", "all", f"locations: [{other.name}]\n"
                                + policies.opened("tcp/80")))
          locations.wait_place(self.fleet, "laptop", "corp")
          for address in self.node("laptop").addresses():
            states = probe.tcp(self.fleet.outsider, [(address, 80), (address, 81)])
            self.assertEqual(states, {(address, 80): "filtered", (address, 81): "open"})

  def test_what_is_open_at_one_is_not_open_at_another(self):
    self.assert_open_as_at_corp(policies.opened("tcp/81"))

  def test_nor_where_an_interface_has_settings_of_its_own(self):
    self.assert_open_as_at_corp(
        "interfaces:\n  - match: {names: [eth0]}\n    port_mappings:\n"
        "      - {protocol: tcp, ports: 81}\n")

  def test_nor_where_interfaces_of_another_type_have(self):
    self.assert_open_as_at_corp(
        policies.opened("tcp/81")
        + 'interfaces:\n  - {match: {types: [wireless]}, firewall: "off"}\n')


class OwnNames(case.FleetCase):
  """Locations have names that the rules use themselves."""

  def test_a_location_may_have_a_name_of_the_rules_own(self):
    names = ("essential", "related", "in", "interfaces")
    made = [locations.Location(self.fleet, name, [NOWHERE], precedence=50 + i)
            for i, name in enumerate(names)]
    self.fleet.apply(
        "".join(one.text for one in made)
        + policies.policy("own", "all", f"locations: [{', '.join(names)}]\n"
                          + policies.opened("tcp/80")))
    self.fleet.listen("web1", "tcp/80")
    for address in self.node("web1").addresses():
      self.assertEqual(probe.tcp_one(self.fleet.outsider, address, 80), "filtered")


class Responses(case.FleetCase):
  """A peer to which the host has sent may send to the response ports of that mapping."""

  def test_a_mapping_s_responses_are_its_own(self):
    self.fleet.apply(
        policies.policy("a", "all", """\
outbound:
  allow:
    - {name: b.c, protocol: udp, ports: 1000, responses: [udp/5000]}
""") + policies.policy("a.b", "all", """\
outbound:
  allow:
    - {name: c, protocol: udp, ports: 2000, responses: [udp/6000]}
"""))
    host, outsider = self.node("web1"), self.fleet.outsider
    self.fleet.listen("web1", "udp/5000", "udp/6000")
    for there, here in zip(outsider.addresses(), host.addresses()):
      host.inside(lambda there=there: send(there, 1000))
      self.assertTrue(probe.udp(outsider, here, 5000), here)
      self.assertFalse(probe.udp(outsider, here, 6000), here)


def send(address, port):
  family = socket.AF_INET6 if ":" in address else socket.AF_INET
  with socket.socket(family, socket.SOCK_DGRAM) as sender:
    sender.sendto(b"hello", (address, port))
