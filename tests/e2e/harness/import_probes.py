# SPDX-License-Identifier: Apache-2.0
"""Random packets that begin a flow, near the boundaries of a configuration."""

import dataclasses
import ipaddress
import itertools
import re
import socket
import struct

from harness import import_world

_ADDRESS = re.compile(
    r"(?<![\w.:])(\d+\.\d+\.\d+\.\d+(?:/\d+)?|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F]*(?:/\d+)?)"
    r"(?![\w.:])")
_PORT = re.compile(r"(?<![\w.:/])(\d{1,5})(?![\w.])")


_CONTAINERS = ipaddress.ip_interface(import_world.CONTAINERS)


# Networks in which each run has addresses of its own, beside those that the configuration names.
_NETWORKS = [ipaddress.ip_network(text) for text in (
    "198.51.100.0/24", "198.51.100.0/24", "192.168.1.0/24", "192.168.1.0/24", "10.8.0.0/24",
    "10.8.0.0/24", "100.64.0.0/10", "8.0.0.0/8", "203.0.113.0/24", "2001:db8:0:1::/64",
    "2001:db8::/64", "fd00:1::/64", "fd00:1::/64", "fd00:8::/64", "fd00:8::/64", "2600::/16")]

# Each flow is begun once: another packet of it would belong to what was let in before, maybe by
# another configuration.
_begun = set()
_numbers = itertools.count(1)


@dataclasses.dataclass
class Probe:
  """A packet, with the number by which it is known again."""
  number: int
  way: str  # in, through, out
  interface: str  # by which it comes in
  v6: bool
  source: str
  destination: str
  packet: bytes
  text: str


def _checksum(data):
  if len(data) % 2:
    data += b"\0"
  total = sum(struct.unpack(f"!{len(data) // 2}H", data))
  while total >> 16:
    total = (total & 0xFFFF) + (total >> 16)
  return ~total & 0xFFFF


def _segment(protocol, v6, source, destination, ports, kind):
  """The packet behind the IP header, with its checksum."""
  family = socket.AF_INET6 if v6 else socket.AF_INET
  ends = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
  if protocol == 6:
    data = struct.pack("!HHIIBBHHH", *ports, 1000, 0, 0x50, 0x02, 1024, 0, 0)
    place = 16
  elif protocol == 17:
    data = struct.pack("!HHHH", *ports, 12, 0) + b"test"
    place = 6
  elif protocol in (1, 58):
    data = struct.pack("!BBHHH", *kind, 0, ports[0], ports[1]) + bytes(12)
    place = 2
  else:
    return struct.pack("!HHI", 0, 0x0800, ports[0]) + bytes(8)
  pseudo = b"" if protocol == 1 else ends + struct.pack("!IHBB", len(data), 0, 0, protocol)
  checksum = _checksum(pseudo + data)
  if protocol == 17 and checksum == 0:
    checksum = 0xFFFF
  return data[:place] + struct.pack("!H", checksum) + data[place + 2:]


def _packet(number, v6, protocol, source, destination, payload):
  if v6:
    head = struct.pack("!IHBB", 6 << 28 | number, len(payload), protocol, 64)
    return (head + socket.inet_pton(socket.AF_INET6, source) +
            socket.inet_pton(socket.AF_INET6, destination) + payload)
  head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), number, 0x4000, 64, protocol, 0)
  head += socket.inet_aton(source) + socket.inet_aton(destination)
  return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + payload


class Generator:
  """Draws packets from the numbers and addresses of `texts`, the files of a configuration.

  `sparing` are ports with limits, to which only a few packets of a run go. `only_v4`: the
  configuration is of IPv4 alone, and what it means for IPv6 is nobody's word. `private` are the
  interfaces of private networks, whose hosts have addresses of these. `own` are ports that the
  configuration sends on wherever they are sent, and Firebreak only if they are this host's.
  """

  def __init__(self, random, texts, sparing=(), only_v4=False, private=(), own=()):
    self._random = random
    self._only_v4 = only_v4
    self._private = private
    self._sent_on = own
    self._sparing = {port: 3 for port in sparing}
    self._own = [ipaddress.ip_interface(address) for addresses in import_world.OWN.values()
                 for address in addresses]
    text = "\n".join(texts)
    self._addresses = {4: set(), 6: set()}
    for found in _ADDRESS.findall(text):
      try:
        network = ipaddress.ip_network(found, strict=False)
      except ValueError:
        continue
      inside = network[random.randrange(min(network.num_addresses, 1 << 62))]
      for address in (network[0], network[-1], inside):
        for near in (-1, 0, 1):
          try:
            self._addresses[network.version].add(address + near)
          except ValueError:
            pass
    for network in _NETWORKS:
      place = random.randrange(2, min(network.num_addresses, 1 << 62) - 1)
      self._addresses[network.version].add(network[place])
    self._addresses = {v: sorted(filter(_is_host, found)) for v, found in self._addresses.items()}
    ports = {int(found) for found in _PORT.findall(text)} | {22, 80, 443, 53, 5000}
    self._ports = sorted({near for port in ports for near in (port - 1, port, port + 1)
                          if 0 < near < 65536})
    self._ports_named = sorted(port for port in ports if 0 < port < 65536)

  def draw(self):
    while True:
      probe = self._try()
      if probe is not None:
        return probe

  def _try(self):
    random = self._random
    way = random.choice(("in", "in", "in", "through", "out"))
    v6 = random.random() < 0.35 and not self._only_v4
    version = 6 if v6 else 4
    interface = random.choice(list(import_world.OWN))
    own = [one.ip for one in self._own if one.version == version]
    here = ipaddress.ip_interface(import_world.OWN[interface][1 if v6 else 0])
    addresses = self._addresses[version]
    remote = random.choice(addresses)
    if random.random() < 0.3:
      remote = random.choice([a for a in addresses if a in here.network] or addresses)
    edges = {edge for net in self._own + [_CONTAINERS] for edge in (net.network[0], net.network[-1])}
    if remote in own or remote in edges:
      return None
    protocol = random.choice([6, 6, 6, 6, 17, 17, 17, 58 if v6 else 1, 47, 50])
    port = random.choice(self._ports_named if random.random() < 0.6 else self._ports)
    if way == "in":
      source, destination = remote, here.ip
    elif way == "out":
      source, destination = here.ip, remote
    else:
      source, destination = remote, random.choice(addresses)
      if destination in own or destination in edges or destination == source:
        return None
      if port in self._sent_on:
        return None
      if interface in self._private and source not in here.network:
        return None
      # What goes back where it came from is no router's business.
      if destination in here.network:
        return None
    sport = random.choice([random.randrange(1024, 65536), random.randrange(1024, 65536),
                           random.choice(self._ports)])
    # Firebreak lets a host's own DHCP work by itself.
    if protocol == 17 and (port in (67, 68, 546, 547) or sport in (67, 68, 546, 547)):
      return None
    if port in self._sparing and protocol in (6, 17):
      if not self._sparing[port]:
        return None
      self._sparing[port] -= 1
    kinds = [(128, 0), (128, 0), (129, 0)] if v6 else [(8, 0), (8, 0), (13, 0), (17, 0), (15, 0)]
    kind = random.choice(kinds)
    if protocol == 58 and kind[0] == 129:
      kind = (128, 0)
    icmp = protocol in (1, 58)
    if protocol in (6, 17):
      flows = {(protocol, frozenset((source, destination)), frozenset((sport, port)))}
    else:
      # The host's address may take the place of a private one.
      flows = {(protocol, end) for end in (source, destination) if end not in own}
    if not icmp and flows & _begun:
      return None
    _begun.update(flows)
    number = next(_numbers)
    # Messages of ICMP are of one flow if they have one identifier.
    ports = (number, 1) if icmp else (sport, port)
    payload = _segment(protocol, v6, str(source), str(destination), ports, kind)
    packet = _packet(number, v6, protocol, str(source), str(destination), payload)
    what = {6: f"tcp {sport} > {port}", 17: f"udp {sport} > {port}"}.get(
        protocol, f"icmp {kind[0]}" if protocol in (1, 58) else f"protocol {protocol}")
    return Probe(number, way, interface, v6, str(source), str(destination), packet,
                 f"{way} {interface if way != 'out' else ''} {source} > {destination} {what}")


def _is_host(address):
  """Whether it may be a source: nobody's, loopback and groups are dropped by Firebreak itself."""
  if address.version == 4:
    return 0 < int(address) >> 24 < 224 and int(address) >> 24 != 127
  return int(address) >> 120 != 0xFF and int(address) >> 32 != 0 and not address.is_link_local
