# SPDX-License-Identifier: Apache-2.0
"""Programs that people use every day keep working on a host with the firewall on."""

import json
import os
import sys

from harness import advertisements
from harness import case
from harness import policies
from harness import process

_OPEN = """\
port_mappings:
  - service: http
  - service: dns
  - {name: iperf, protocol: tcp, ports: 5201}
  - {name: iperf-udp, protocol: udp, ports: 5201}
"""


class Programs(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.node(cls, "web1")
    cls.fleet.apply(policies.policy("subject", "all", _OPEN))

  def dnsmasq(self, node, *arguments):
    return self.fleet.spawn(f"dnsmasq-{node.name}", node.command(
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        "--user=root", f"--pid-file={self.fleet.path(node.name + '.pid')}", "--bind-interfaces",
        "--address=/peer.test/192.0.2.7", *arguments))

  def test_curl(self):
    served = self.fleet.path("served")
    os.mkdir(served)
    self.fleet.spawn("http", self.host.command(
        sys.executable, "-m", "http.server", "80", "--bind", "::", "--directory", served))
    for address in self.host.addresses():
      url = f"http://[{address}]/" if ":" in address else f"http://{address}/"
      with self.subTest(url):
        process.wait_until(lambda url=url: self.fleet.outsider.run(
            "curl", "-sS", "--max-time", "2", url, check=False).returncode == 0, url)

  def test_dig_both_ways_over_udp_and_tcp(self):
    for server, client in ((self.fleet.outsider, self.host), (self.host, self.fleet.outsider)):
      self.dnsmasq(server, "--port=53")
      for address in server.addresses():
        for transport in ("+notcp", "+tcp"):
          with self.subTest(server=server.name, address=address, transport=transport):
            self.assertTrue(process.wait_until(lambda: "192.0.2.7" in client.run(
                "dig", "+short", "+time=1", "+tries=1", transport, f"@{address}", "peer.test",
                check=False).stdout, "dig is answered"))

  def test_iperf3_in_both_directions(self):
    server = self.fleet.spawn("iperf3", self.host.command("iperf3", "-s", "--forceflush"))
    server.wait_for_line("Server listening")
    for flags in ([], ["-R"], ["-u", "-b", "10M"]):
      with self.subTest(flags):
        done = self.fleet.outsider.run("iperf3", "-J", "-t", "1", "-c", self.host.ipv4(), *flags)
        self.assertGreater(json.loads(done.stdout)["end"]["sum_received"
                           if "-u" not in flags else "sum"]["bytes"], 100_000)

  def test_a_dhcp_client_gets_its_lease(self):
    self.dnsmasq(self.fleet.outsider, "--port=0", "--interface=eth0", "--dhcp-authoritative",
                 "--dhcp-range=10.77.0.100,10.77.0.110,1h", "--dhcp-leasefile=/dev/null")
    script = self.fleet.write('#!/bin/sh\n[ "$1" = bound ] && echo "bound $ip"\nexit 0\n', ".sh")
    os.chmod(script, 0o755)
    done = self.host.run("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "5", "-T", "1",
                         "-s", script, check=False, timeout=30)
    self.assertRegex(done.stdout, r"bound 10\.77\.0\.1(0\d|10)", done.stderr)

  def test_an_address_by_router_advertisement(self):
    self.host.run("sysctl", "-qw", "net.ipv6.conf.eth0.accept_ra=2")
    advertisements.begin(self.fleet, self.fleet.outsider)
    process.wait_until(lambda: advertisements.PREFIX in self.host.run(
        "ip", "-6", "address", "show", "dev", "eth0").stdout, "the host has an address")
