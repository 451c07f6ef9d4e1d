# SPDX-License-Identifier: Apache-2.0
"""`handshake: proxy`: what clients and services get, and where the device checks no sums."""

import fcntl
import socket
import struct
import threading

from harness import case
from harness import policies
from harness import probe

_GREETING = b"ready\n"
_CLIENTS = 10  # for each address
_BYTES = 1 << 20
_TCP_INFO_OPTIONS = 5  # offset in struct tcp_info; the byte behind it has both window scales

_SIOCETHTOOL = 0x8946
_SET_RECEIVE, _SET_SEND = 0x15, 0x17  # ETHTOOL_SRXCSUM, ETHTOOL_STXCSUM


def _switch_off(node, interface, command):
  """Switches the offload of sums off, as `ethtool -K INTERFACE rx off` (or `tx off`) does."""
  def switch():
    import ctypes
    value = ctypes.create_string_buffer(struct.pack("II", command, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
      fcntl.ioctl(device, _SIOCETHTOOL,
                  struct.pack("16sP16x", interface.encode(), ctypes.addressof(value)))
  node.inside(switch)


class WithoutOffload(case.FleetCase):
  HOSTS = {"web1": {}}

  def test_ipv6_goes_to_the_service_and_the_host_says_so(self):
    node, outsider = self.node("web1"), self.fleet.outsider
    self.fleet.listen("web1", "tcp/80")
    self.fleet.apply(policies.policy(
        "subject", "all", "port_mappings: [{protocol: tcp, ports: 80, handshake: proxy}]"))
    for address in node.addresses():
      self.assertEqual(probe.tcp_one(outsider, address, 80), "open", address)
    self.assertNotIn("notes", self.fleet.status("web1")["receipt"]["interfaces"][0])

    _switch_off(outsider, "eth0", _SET_SEND)
    _switch_off(node, "eth0", _SET_RECEIVE)
    status = self.fleet.wait_status(
        "web1", lambda one: "notes" in one["receipt"]["interfaces"][0], "says so")
    self.assertIn("IPv4 only", status["receipt"]["interfaces"][0]["notes"][0])
    self.assertIn("does not verify checksums",
                  self.fleet.cli("host", "status", "web1", check=0).stdout)
    for address in node.addresses():
      self.assertEqual(probe.tcp_one(outsider, address, 80), "open", address)


def _serve(node, port):
  """Greets each client at once, as mail servers do, then returns all that it sends until its end."""
  listener = node.inside(lambda: socket.create_server(
      ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64))

  def answer(client):
    with client:
      client.sendall(_GREETING)
      received = b""
      while data := client.recv(1 << 16):
        received += data
      client.sendall(received)

  def accept():
    while True:
      try:
        client, _ = listener.accept()
      except OSError:
        return
      threading.Thread(target=answer, args=(client,), daemon=True).start()

  threading.Thread(target=accept, daemon=True).start()
  return listener


def _counter(node, name):
  """One of the kernel's counters of TCP in the node, by the name that nstat(8) prints."""
  return int(node.run("nstat", "-asz", name).stdout.splitlines()[-1].split()[1])


def _proxied(node):
  """How many clients have completed their handshake with the proxy."""
  def count():
    with open("/proc/thread-self/net/stat/synproxy", encoding="ascii") as file:
      return sum(int(line.split()[3], 16) for line in file.readlines()[1:])
  return node.inside(count)


class Service(case.FleetCase):
  HOSTS = {"web1": {}}

  def _options(self, address, port, exchange=b""):
    """The options that both ends agreed upon and the window scales of both, as the client sees it,
    once the service has greeted it."""
    client = self.fleet.outsider.inside(lambda: socket.create_connection((address, port)))
    with client:
      self.assertEqual(client.recv(len(_GREETING), socket.MSG_WAITALL), _GREETING)
      info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 16)
      if exchange:
        client.sendall(exchange)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while data := client.recv(1 << 16):
          received += data
        self.assertEqual(received, exchange)
    return info[_TCP_INFO_OPTIONS:_TCP_INFO_OPTIONS + 2]

  def test_has_the_connection_at_once_with_every_option(self):
    # The kernel's counters say whether the service took the proxy's first acknowledgement: if not,
    # it repeats its SYN-ACK a second later.
    node = self.node("web1")
    self.fleet.apply(policies.policy(
        "subject", "all",
        "port_mappings: [{protocol: tcp, ports: 2025, handshake: proxy},"
        " {protocol: tcp, ports: 2026}]"))
    for port in (2025, 2026):
      self.addCleanup(_serve(node, port).close)
    names = ("TcpExtTSEcrRejected", "TcpExtTCPSynRetrans", "TcpExtPAWSEstab")
    before = {name: _counter(node, name) for name in names}
    proxied = _proxied(node)
    for address in node.addresses():
      plain = self._options(address, 2026)
      for _ in range(_CLIENTS):
        self.assertEqual(self._options(address, 2025), plain, address)
      self._options(address, 2025, exchange=bytes(_BYTES))
    self.assertEqual({name: _counter(node, name) for name in names}, before)
    self.assertEqual(_proxied(node) - proxied, len(node.addresses()) * (_CLIENTS + 1))
