# SPDX-License-Identifier: Apache-2.0
"""Private hosts behind a host that shares its connection, and mappings that forward to them."""

from harness import case
from harness import policies
from harness import probe
from harness import sniffer

_POLICY = """\
port_mappings:
  - {{name: web, protocol: tcp, ports: 8080, forward_to: "{inside}:80"}}
  - {{name: own, protocol: tcp, ports: 8081, forward_to: ":81"}}
sharing: {{public: eth0, private: [eth1]}}
"""


class SharedConnection(case.FleetCase):
  HOSTS = {"gateway": {"role": "gateway"}}
  OPTIONS = {"interfaces": 2, "bystanders": ("inside",)}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.gateway, cls.inside = cls.node(cls, "gateway"), cls.fleet.bystanders["inside"]
    cls.inside.run("ip", "link", "delete", "eth0")
    cls.inside.run("ip", "route", "add", "default", "via", cls.gateway.ipv4(1))
    cls.fleet.outsider.run("ip", "link", "delete", "eth1")
    cls.fleet.traffic(cls.inside, "listen", "tcp/80", "tcp/82")
    cls.fleet.traffic(cls.fleet.outsider, "listen", "tcp/80", "udp/53")
    cls.fleet.listen("gateway", "tcp/81")
    cls.fleet.apply(policies.policy("subject", "all", _POLICY.format(inside=cls.inside.ipv4(1))))

  def test_a_private_host_reaches_out_with_the_public_address(self):
    outsider = self.fleet.outsider

    def reach():
      self.assertEqual(probe.tcp_one(self.inside, outsider.ipv4(), 80), "open")
      self.assertTrue(probe.udp(self.inside, outsider.ipv4(), 53))
      self.assertTrue(probe.ping(self.inside, outsider.ipv4()))

    seen = sniffer.sources(outsider, "eth0", reach)
    self.assertIn(self.gateway.ipv4(), seen)
    self.assertNotIn(self.inside.ipv4(1), seen)

  def test_a_forged_source_does_not_leave(self):
    seen = sniffer.sources(self.fleet.outsider, "eth0", lambda: self.inside.run(
        "hping3", "-c", "3", "-i", "u2000", "-a", "192.0.2.66", "-S", "-p", "80",
        self.fleet.outsider.ipv4(), check=False))
    self.assertNotIn("192.0.2.66", seen)
    self.assertNotIn(self.gateway.ipv4(), seen)

  def test_forward_to_a_private_host_and_to_another_port(self):
    address = self.gateway.ipv4()
    self.assertEqual(
        list(probe.tcp(self.fleet.outsider,
                       [(address, 8080), (address, 8081), (address, 80), (address, 81)]).values()),
        ["open", "open", "filtered", "filtered"])

  def test_hairpin_a_private_host_reaches_its_like_by_the_public_address(self):
    self.assertEqual(probe.tcp_one(self.inside, self.gateway.ipv4(), 8080), "open")

  def test_nothing_unasked_reaches_the_private_network(self):
    self.fleet.outsider.run("ip", "route", "replace", "10.77.1.0/24", "via", self.gateway.ipv4())
    self.assertEqual(
        set(probe.tcp(self.fleet.outsider, [(self.inside.ipv4(1), 80),
                                            (self.inside.ipv4(1), 82)]).values()), {"filtered"})


class TwoPrivateNetworks(case.FleetCase):
  """Private networks that share a connection reach each other no better than outsiders do."""

  HOSTS = {"gateway": {"role": "gateway"}}
  OPTIONS = {"interfaces": 3, "bystanders": ("left", "right")}

  def test_neither_reaches_the_other_but_by_a_mapping(self):
    gateway, left, right = (
        self.node("gateway"), self.fleet.bystanders["left"], self.fleet.bystanders["right"])
    for node, own in ((left, 1), (right, 2)):
      for interface in {0, 1, 2} - {own}:
        node.run("ip", "link", "delete", f"eth{interface}")
      node.run("ip", "route", "add", "default", "via", gateway.ipv4(own))
    for interface in (1, 2):
      self.fleet.outsider.run("ip", "link", "delete", f"eth{interface}")
      self.fleet.controller_node.run("ip", "link", "delete", f"eth{interface}")
    self.fleet.traffic(right, "listen", "tcp/80")
    self.fleet.traffic(self.fleet.outsider, "listen", "tcp/80")
    self.fleet.apply(policies.policy("subject", "all", f"""\
port_mappings:
  - {{protocol: tcp, ports: 8080, forward_to: "{right.ipv4(2)}:80"}}
sharing: {{public: eth0, private: [eth1, eth2]}}
"""))
    self.assertEqual(probe.tcp_one(left, self.fleet.outsider.ipv4(), 80), "open")
    self.assertEqual(probe.tcp_one(left, right.ipv4(2), 80), "filtered")
    self.assertEqual(probe.tcp_one(left, gateway.ipv4(), 8080), "open")
