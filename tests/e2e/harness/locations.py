# SPDX-License-Identifier: Apache-2.0
"""Networks that prove their location, and hosts that are carried from one network to another.

The fleet's first network is the office: the controller is in it, and a beacon beside it. The second
one is the café.
"""

import base64
import os
import re
import shutil
import subprocess

from harness import fleet as fleets
from harness import policies

BEACON_PORT = 7444
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}


class Location:
  """A location's keys and resource, as `firebreak location create` makes them."""

  def __init__(self, fleet, name, addresses, directory=None, **fields):
    self._fleet = fleet
    self.name = name
    self.addresses = addresses
    self.directory = directory or fleet.path(f"location-{name}")
    os.makedirs(self.directory, exist_ok=True)
    flags = [flag for address in addresses for flag in ("--address", address)]
    made = fleet.cli("location", "create", name, "--directory", self.directory, *flags, check=0)
    extra = "".join(f"{key}: {value}\n" for key, value in fields.items())
    # The test's own fields replace those that the program printed.
    kept = "".join(line + "\n" for line in made.stdout.splitlines()
                   if line.split(":")[0] not in fields)
    self.text = kept + extra + "---\n"

  @property
  def key(self):
    return os.path.join(self.directory, f"{self.name}.beacon.pem")

  def with_ca_of(self, other):
    """The resource of this location, but with the CA of another location."""
    pem = r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----"
    return re.sub(pem, lambda _: re.search(pem, other.text, re.S)[0], self.text, flags=re.S)

  def stolen_key(self, path):
    """The beacon's certificate, which everybody is sent, with a private key that is not its own."""
    public = self._openssl("x509", "-in", self.key, "-noout", "-pubkey")
    point = self._openssl("pkey", "-pubin", "-outform", "DER", text_input=public)[-65:]
    # An EC key as in RFC 5915, with a made-up scalar; nobody checks it against the public point.
    der = (b"\x30\x77\x02\x01\x01\x04\x20" + b"\x01" * 32
           + b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
           + b"\xa1\x44\x03\x42\x00" + point)
    certificate = self._openssl("x509", "-in", self.key)
    with open(path, "wb") as out:
      os.fchmod(out.fileno(), 0o600)
      out.write(b"-----BEGIN EC PRIVATE KEY-----\n" + base64.encodebytes(der)
                + b"-----END EC PRIVATE KEY-----\n" + certificate)
    return path

  def expired_key(self, directory):
    """A beacon's key that this location's CA issued long ago."""
    os.makedirs(directory)
    shutil.copy(os.path.join(self.directory, f"{self.name}.ca.pem"), directory)
    subprocess.run(
        ["faketime", "2001-01-01", fleets.program("firebreak"), "location", "create", self.name,
         "--address", "192.0.2.1:7444", "--directory", directory],
        check=True, capture_output=True)
    return os.path.join(directory, f"{self.name}.beacon.pem")

  @staticmethod
  def _openssl(*arguments, text_input=None):
    return subprocess.run(["openssl", *arguments], input=text_input, capture_output=True,
                          check=True).stdout

  def serve(self, node, address, key=None):
    """Starts a beacon in `node`; returns once it listens."""
    beacon = self._fleet.spawn(f"beacon-{node.name}", node.command(
        fleets.program("firebreak-beacon"), "--listen", address, "--key", key or self.key))
    beacon.wait_for_line("beacon for .* port")
    return beacon


def corp_beside_the_controller(fleet):
  """Makes the location corp and starts its beacon beside the controller; returns both."""
  address = f"{fleet.controller_node.ipv4()}:{BEACON_PORT}"
  corp = Location(fleet, "corp", [address])
  return corp, corp.serve(fleet.controller_node, address)


def off_at_corp(anywhere=""):
  """Policies: firewall off at corp, on anywhere else; `anywhere` is more YAML for the latter."""
  return (policies.policy("office", "all", 'locations: [corp]\nfirewall: "off"\n', priority=100)
          + policies.policy("anywhere", "all", 'firewall: "on"\n' + anywhere))


def give_the_cafe_to_the_outsider(fleet, host):
  """Leaves only the outsider in the second network, with the controller's address."""
  controller, outsider = fleet.controller_node, fleet.outsider
  for node in (fleet.hosts[host].node, controller):
    node.run("ip", "link", "delete", "eth1")
  # The outsider must not answer ARP at the office for the controller's address, which it has only
  # in the café.
  outsider.run("sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1",
               "net.ipv4.conf.all.arp_announce=2")
  outsider.run("ip", "address", "add", f"{controller.ipv4()}/32", "dev", "eth1")


def place(fleet, host, interface=0):
  """The interface's state, with its location, in the host's receipt."""
  for one in fleet.status(host).get("receipt", {}).get("interfaces", []):
    if one["name"] == f"eth{interface}":
      return one
  return {}


def wait_place(fleet, host, location, interface=0):
  return fleet.wait_status(
      host, lambda _: place(fleet, host, interface).get("location") == location,
      f"eth{interface} is at {location}")


def wait_agent(host, location, interface=0, after=0):
  """Waits until the agent's log says that the interface is there; needs no controller."""
  return host.agent.wait_for_line(rf"eth{interface} is at {location},", after)


def _location_set(host, location):
  """The location's set as nft prints it; empty if the set does not exist."""
  return host.node.run(
      "nft", "list", "set", "inet", "firebreak", f"at/{location}", check=False).stdout


def leases(host, location="corp"):
  """The interfaces that are at the location now according to the kernel."""
  found = re.search(r"elements = \{(.*?)\}", _location_set(host, location), re.S)
  return re.findall(r'"([^"]+)" timeout', found[1]) if found else []


def lease_left(host, location="corp"):
  """Seconds until the last lease expires in the kernel; 0 if there is none."""
  left = [0.0]
  for text in re.findall(r"expires (\w+)", _location_set(host, location)):
    parts = re.findall(r"(\d+)(ms|[dhms])", text)
    left.append(sum(int(number) * _UNITS[unit] for number, unit in parts))
  return max(left)


class Carrier:
  """Carries a host's interface from one network to another."""

  def __init__(self, fleet, host, interface=0):
    self._switch = fleet.network.switch
    self._node = fleet.hosts[host].node
    self._interface = interface
    self._port = fleet.network.port(self._node, interface)

  def unplug(self):
    self._switch.run("ip", "link", "set", self._port, "down")

  def plug(self, network):
    self._switch.run("ip", "link", "set", self._port, "master", f"br{network}")
    self._switch.run("ip", "link", "set", self._port, "up")

  def address(self, network):
    """Replaces the addresses by those of another network, as a DHCP client would."""
    device = f"eth{self._interface}"
    self._node.run("ip", "address", "flush", "dev", device, "scope", "global")
    self._node.run("ip", "address", "add", f"{self._node.ipv4(network)}/24", "dev", device)
    self._node.run(
        "ip", "address", "add", f"{self._node.ipv6(network)}/64", "dev", device, "nodad")

  def carry(self, network):
    self.unplug()
    self.plug(network)
    self.address(network)
