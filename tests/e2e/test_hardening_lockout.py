# SPDX-License-Identifier: Apache-2.0
"""The host itself undoes a hardening that cuts it off from its controller."""

from harness import case
from harness import policies
from harness import stack

_NAME = "net/ipv4/conf/eth0/rp_filter"


def _policy(value):
  return policies.policy(
      "subject", "all", f'firewall: "off"\nhardening: {{settings: {{rp_filter: {value}}}}}')


class Lockout(case.FleetCase):
  OPTIONS = {"agent_flags": ["--reach-timeout", "3"]}

  def test_it_is_undone(self):
    host, network = self.node("web1"), self.fleet.network
    # What the host sends to the controller leaves by another link than that by which answers come.
    network.switch.run("ip", "link", "add", "other", "master", "br0", "type", "veth", "peer",
                       "name", "eth1", "netns", host.namespace)
    network.switch.run("ip", "link", "set", "other", "up")
    host.run("ip", "link", "set", "eth1", "up")
    controller = self.fleet.controller_node
    controller.run("ip", "neighbour", "replace", host.ipv4(), "lladdr", stack.mac(host).hex(":"),
                   "dev", "eth0", "nud", "permanent")
    host.run("ip", "route", "add", controller.ipv4(), "dev", "eth1", "src", host.ipv4())
    host.run("ip", "-6", "route", "add", "unreachable", controller.ipv6())
    host.run("ping", "-c1", "-W5", controller.ipv4())
    self.fleet.apply(_policy(0))
    good = self.fleet.revision()

    self.fleet.cli("apply", "-f", self.fleet.write(_policy(1)), check=0)
    status = self.fleet.wait_status(
        "web1", lambda one: one.get("rollout") == "undone" and
        not one["refusal"].get("trying_again"), "is undone for good")
    self.assertEqual(int(status["refusal"]["revision"]), good + 1)
    self.assertEqual(int(status["revision"]), good)
    self.assertEqual(stack.get(host, _NAME), "0")
    host.run("ping", "-c1", "-W5", controller.ipv4())

    self.fleet.apply(_policy(2))
    self.assertEqual(stack.get(host, _NAME), "2")
