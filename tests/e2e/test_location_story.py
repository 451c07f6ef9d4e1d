# SPDX-License-Identifier: Apache-2.0
"""The same laptop obeys the office in the office, and defends itself in the café."""

from harness import case
from harness import fleet as fleets
from harness import locations
from harness import policies
from harness import probe

OFFICE, CAFE = 0, 1


class Laptop(case.FleetCase):
  HOSTS = {"laptop": {"role": "laptop"}}
  OPTIONS = {"interfaces": 2}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.node("laptop").run("ip", "link", "delete", "eth1")
    cls.corp, _ = locations.corp_beside_the_controller(cls.fleet)
    cls.carrier = locations.Carrier(cls.fleet, "laptop")
    cls.fleet.listen("laptop", "tcp/80-82")

  @classmethod
  def node(cls, name):
    return cls.fleet.hosts[name].node

  def apply(self, anywhere=""):
    self.fleet.apply(self.corp.text + locations.off_at_corp(anywhere))

  def seen(self, network):
    """The ports of the laptop that the outsider, who is in both networks, finds open."""
    states = [
        probe.tcp(self.fleet.outsider, [(address, port) for port in (80, 81, 82)])
        for address in self.node("laptop").addresses(network)
    ]
    found = [{port for (_, port), state in one.items() if state == "open"} for one in states]
    self.assertEqual(found[0], found[1], "IPv4 and IPv6 differ")
    return found[0]

  def test_a_beacon_serves_an_address_that_has_a_label(self):
    controller = self.fleet.controller_node
    controller.run("ip", "address", "add", "10.9.9.1/24", "dev", "eth0", "label", "eth0:1")
    self.addCleanup(controller.run, "ip", "address", "delete", "10.9.9.1/24", "dev", "eth0")
    beacon = self.corp.serve(controller, f"10.9.9.1:{locations.BEACON_PORT}")
    self.addCleanup(beacon.stop)

  def test_the_office_the_cafe_and_the_office_again(self):
    laptop = self.fleet.hosts["laptop"]
    self.apply()
    locations.wait_place(self.fleet, "laptop", "corp")
    self.assertEqual(self.seen(OFFICE), {80, 81, 82})
    state = locations.place(self.fleet, "laptop")
    self.assertEqual(state["firewall"], "off")
    self.assertIn("beacon.corp.internal", state["evidence"])

    # In the café nobody gets in from the first moment on, and the controller cannot be reached.
    knocks = self.fleet.traffic(
        self.fleet.outsider, "flood", "80", *self.node("laptop").addresses(CAFE))
    mark = laptop.agent.mark()
    self.carrier.carry(CAFE)
    locations.wait_agent(laptop, "elsewhere", after=mark)
    self.assertEqual(locations.leases(laptop), [])
    self.assertEqual(self.seen(CAFE), set())
    knocked = fleets.report(knocks)
    self.assertGreater(knocked["attempts"], 100)
    self.assertEqual(knocked["succeeded"], 0)

    # The policy changes meanwhile; the laptop gets it when it is back.
    self.fleet.cli("apply", "-f", self.fleet.write(
        policies.policy("anywhere", "all", 'firewall: "on"\n' + policies.opened("tcp/81"))),
        check=0)
    self.assertEqual(self.seen(CAFE), set())
    mark = laptop.agent.mark()
    self.carrier.carry(OFFICE)
    locations.wait_agent(laptop, "corp", after=mark)
    self.assertEqual(self.seen(OFFICE), {80, 81, 82})
    locations.wait_place(self.fleet, "laptop", "corp")
    self.fleet.wait_status(
        "laptop", lambda status: status["rollout"] == "applied", "has the new policy")
    mark = laptop.agent.mark()
    self.carrier.carry(CAFE)
    locations.wait_agent(laptop, "elsewhere", after=mark)
    self.assertEqual(self.seen(CAFE), {81})
