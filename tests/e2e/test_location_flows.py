# SPDX-License-Identifier: Apache-2.0
"""What happens to flows when their interface comes to a place where they could not begin."""

import json
import signal

from harness import case
from harness import fleet as fleets
from harness import locations
from harness import policies
from harness import probe
from harness import process

_HOST_PORT, _INSIDE_PORT = 5002, 5001


class Flows(case.FleetCase):
  """The office admits a flow to the host, and one that is forwarded to the private network."""

  HOSTS = {"gateway": {"role": "gateway"}}
  OPTIONS = {"interfaces": 2, "bystanders": ("inside",)}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["gateway"]
    inside, controller = cls.fleet.bystanders["inside"], cls.fleet.controller_node
    inside.run("ip", "link", "delete", "eth0")
    inside.run("ip", "route", "add", "default", "via", cls.host.node.ipv4(1))
    for node in (controller, cls.fleet.outsider):
      node.run("ip", "link", "delete", "eth1")
    cls.fleet.traffic(inside, "listen", f"tcp/{_INSIDE_PORT}")
    cls.fleet.listen("gateway", f"tcp/{_HOST_PORT}")
    cls.corp, cls.beacon = locations.corp_beside_the_controller(cls.fleet)

  def begin(self, keep):
    """Begins both flows at the office; then the host is elsewhere, but its link has not changed."""
    inside = self.fleet.bystanders["inside"].ipv4(1)
    self.fleet.apply(
        self.corp.text
        + policies.policy("office", "all", "locations: [corp]\n" + policies.opened(
            f"tcp/{_HOST_PORT}") + policies.mapping(
                "tcp", 8080, forward_to=f'"{inside}:{_INSIDE_PORT}"'))
        + policies.policy("anywhere", "all", 'firewall: "on"\n'
                          "sharing: {public: eth0, private: [eth1]}\n"
                          f"flows: {{keep_on_demotion: {keep}}}\n"))
    if not locations.leases(self.host):
      locations.wait_agent(self.host, "corp")
    transfers = [self.fleet.traffic(self.fleet.outsider, "transfer", self.host.node.ipv4(), port)
                 for port in (str(_HOST_PORT), "8080")]
    for transfer in transfers:
      self.addCleanup(transfer.close)
      process.wait_until(lambda one=transfer: fleets.report(one)["echoed"], "an echo")
    self.beacon.signal(signal.SIGSTOP)
    mark = self.host.agent.mark()
    change = (f"{self.host.node.ipv4()[:-2]}99/32", "dev", "eth0")
    self.host.node.run("ip", "address", "add", *change)
    self.addCleanup(self.end, change)
    locations.wait_agent(self.host, "elsewhere", after=mark)
    self.assertEqual(
        set(probe.tcp(self.fleet.outsider, [(self.host.node.ipv4(), port)
                                            for port in (_HOST_PORT, 8080)]).values()),
        {"filtered"})
    return transfers, mark

  def end(self, change):
    mark = self.host.agent.mark()
    self.beacon.signal(signal.SIGCONT)
    self.host.node.run("ip", "address", "delete", *change)
    locations.wait_agent(self.host, "corp", after=mark)

  def test_they_end_to_this_host_and_through_it(self):
    _, mark = self.begin(keep="false")
    self.host.agent.wait_for_line("2 flows were ended", mark)
    # The ends still take their connections for established, and retransmit.
    self.assertEqual(probe.tcp_one(self.fleet.outsider, self.host.node.ipv4(), 9), "filtered")
    self.assertEqual(self.known(), [])

  def known(self):
    """The ports of those of the two flows that the host's connection tracking still has."""
    done = self.fleet.local("gateway", "flows", "--protocol", "tcp", "-o", "json", check=0)
    ports = {flow["destination_port"] for flow in json.loads(done.stdout)}
    return sorted(ports & {_HOST_PORT, 8080})

  def test_they_go_on_where_the_policy_says_so(self):
    transfers, mark = self.begin(keep="true")
    for transfer in transfers:
      echoed = fleets.report(transfer)["echoed"]
      process.wait_until(lambda one=transfer, before=echoed: fleets.report(one)["echoed"] > before,
                         "the flow goes on")
    self.assertEqual(self.known(), [_HOST_PORT, 8080])
    self.assertEqual(
        [line for line in self.host.agent.lines()[mark:] if "flows were ended" in line], [])
