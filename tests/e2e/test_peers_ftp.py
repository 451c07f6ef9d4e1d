# SPDX-License-Identifier: Apache-2.0
"""A real FTP server and client, active and passive, through the firewall and through sharing."""

from harness import case
from harness import ftp
from harness import policies
from harness import process

_HELPER = "helpers: [ftp]\n"


class Ftp(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.node(cls, "web1")
    for node in (cls.host, cls.fleet.outsider):
      ftp.serve(cls.fleet, node)
      process.wait_until(lambda node=node: ftp.fetch(node, "127.0.0.1"), "vsftpd serves")

  def apply(self, *settings):
    self.fleet.apply(policies.policy("subject", "all", "".join(settings)))

  def fetched(self, client, address, active):
    """Whether the file is fetched by the commands of both RFCs; IPv6 has only the newer ones."""
    found = {ftp.fetch(client, address, active)}
    if ":" not in address:
      found.add(ftp.fetch(client, address, active, old=True))
    return found

  def test_a_server_on_a_host(self):
    self.apply("port_mappings: [{service: ftp}]\n", _HELPER)
    for address in self.host.addresses():
      for active in (False, True):
        with self.subTest(address=address, active=active):
          self.assertEqual(self.fetched(self.fleet.outsider, address, active), {True})

  def test_without_the_helper_passive_data_does_not_come_in(self):
    self.apply("port_mappings: [{service: ftp}]\n", "helpers: []\n")
    self.assertFalse(ftp.fetch(self.fleet.outsider, self.host.ipv4()))

  def test_a_client_on_a_closed_host(self):
    self.apply(_HELPER)
    for address in self.fleet.outsider.addresses():
      for active in (False, True):
        with self.subTest(address=address, active=active):
          self.assertEqual(self.fetched(self.host, address, active), {True})

  def test_without_the_helper_active_data_does_not_come_in(self):
    self.apply("helpers: []\n")
    self.assertTrue(ftp.fetch(self.host, self.fleet.outsider.ipv4()))
    self.assertFalse(ftp.fetch(self.host, self.fleet.outsider.ipv4(), active=True))


class FtpThroughSharing(case.FleetCase):
  HOSTS = {"gateway": {"role": "gateway"}}
  OPTIONS = {"interfaces": 2, "bystanders": ("inside",)}

  def test_a_private_client_active_and_passive(self):
    gateway, inside = self.node("gateway"), self.fleet.bystanders["inside"]
    inside.run("ip", "link", "delete", "eth0")
    inside.run("ip", "route", "add", "default", "via", gateway.ipv4(1))
    ftp.serve(self.fleet, self.fleet.outsider)
    self.fleet.outsider.run("ip", "link", "set", "eth1", "down")
    self.fleet.apply(policies.policy(
        "subject", "all", _HELPER + "sharing: {public: eth0, private: [eth1]}\n"))
    address = self.fleet.outsider.ipv4()
    for active in (False, True):
      for old in (False, True):
        with self.subTest(active=active, old=old):
          self.assertTrue(ftp.fetch(inside, address, active, old))
