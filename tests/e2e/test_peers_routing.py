# SPDX-License-Identifier: Apache-2.0
"""What a host has to forward for its policy makes it no router for others."""

from harness import advertisements
from harness import crossroads
from harness import policies
from harness import probe
from harness import process

_SHARING = "sharing: {public: eth0, private: [eth1]}\n"
_FORWARD = 'port_mappings:\n  - {name: web, protocol: tcp, ports: 8080, forward_to: "%s:80"}\n'


class NoRouter(crossroads.CrossroadsCase):
  """Inside is the gateway's private network, and the third is nobody's here."""

  def setUp(self):
    self.addCleanup(self.fleet.cli, "delete", "policy", "subject", check=0)

  def setting(self, name):
    return self.gateway.run("cat", f"/proc/sys/net/{name}").stdout.strip()

  def reach(self, node, other, interface):
    """Its two addresses, at port 80."""
    targets = [(other.ipv4(interface), 80), (other.ipv6(interface), 80)]
    return set(probe.tcp(node, targets).values())

  def between_others(self):
    """From where nothing is shared, to where nothing is mapped."""
    return (self.reach(self.third, self.inside, 1) | self.reach(self.outsider, self.third, 2)
            | self.reach(self.outsider, self.inside, 1) | self.reach(self.third, self.outsider, 0))

  def test_sharing(self):
    self.fleet.apply(policies.policy("subject", "all", _SHARING))
    self.assertEqual(self.setting("ipv4/ip_forward"), "1")
    self.assertEqual(self.between_others(), {"filtered"})
    self.assertEqual(self.reach(self.inside, self.third, 2), {"filtered"})
    self.assertEqual(self.reach(self.inside, self.outsider, 0), {"open"})
    reason = self.fleet.cli("host", "rules", "gateway", check=0).stdout
    self.assertIn("drop.forward", reason)

  def test_a_mapping_to_another_host(self):
    self.fleet.apply(policies.policy("subject", "all", _FORWARD % self.inside.ipv4(1)))
    self.assertEqual(self.setting("ipv4/ip_forward"), "1")
    self.assertEqual(self.setting("ipv6/conf/all/forwarding"), "0")
    self.assertEqual(self.between_others(), {"filtered"})
    self.assertEqual(probe.tcp_one(self.outsider, self.gateway.ipv4(0), 8080), "open")
    self.assertEqual(probe.tcp_one(self.third, self.gateway.ipv4(2), 8080), "open")

  def test_a_router_goes_on_being_one_where_its_policy_says_so(self):
    self.gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    self.addCleanup(self.gateway.run, "sysctl", "-qw", "net.ipv4.ip_forward=0")
    self.fleet.apply(policies.policy("subject", "all", _SHARING + "forward: {default: allow}\n"))
    self.assertEqual(self.reach(self.outsider, self.third, 2), {"open"})
    self.assertEqual(self.reach(self.outsider, self.inside, 1), {"filtered"})
    self.fleet.cli("delete", "policy", "subject", check=0)
    process.wait_until(lambda: self.setting("ipv6/conf/all/forwarding") == "0", "it is set back")
    self.assertEqual(self.setting("ipv4/ip_forward"), "1")
    # Under sharing it would be put back when it ceases to be a router.
    self.fleet.apply(policies.policy("subject", "all", 'firewall: "on"'))

  def test_observe_drops_nothing_of_private_hosts(self):
    self.fleet.apply(policies.policy("subject", "all", "firewall: observe\n" + _SHARING))
    self.inside.run("hping3", "-c", "3", "-i", "u2000", "-A", "-p", "80", self.outsider.ipv4(),
                    check=False)
    counters = self.gateway.run("nft", "list", "counters", "table", "inet", "firebreak").stdout
    self.assertRegex(counters, r"observe\.(not-syn|invalid) \{\s+packets [1-9]")
    self.assertNotRegex(counters, r"drop\.(not-syn|invalid)")

  def test_an_advertised_route_stays(self):
    node = self.gateway
    node.run("sysctl", "-qw", "net.ipv6.conf.eth0.accept_ra=1")
    advertisements.begin(self.fleet, self.outsider)

    def route():
      return "proto ra" in node.run("ip", "-6", "route", "show", "default").stdout

    process.wait_until(route, "a route is advertised")
    self.fleet.apply(policies.policy("subject", "all", _SHARING))
    self.assertEqual(self.setting("ipv6/conf/all/forwarding"), "1")
    self.assertTrue(route())
    self.fleet.cli("delete", "policy", "subject", check=0)
    process.wait_until(lambda: self.setting("ipv6/conf/eth0/accept_ra") == "1", "it is set back")
    self.assertEqual(self.setting("ipv6/conf/all/forwarding"), "0")
    self.fleet.apply(policies.policy("subject", "all", _SHARING))
