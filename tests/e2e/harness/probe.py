# SPDX-License-Identifier: Apache-2.0
"""Tries what one node can reach on another."""

import select
import socket
import time
import xml.etree.ElementTree as ElementTree


def _family(address):
  return socket.AF_INET6 if ":" in address else socket.AF_INET


def tcp(node, targets, timeout=1.3):
  """Tries all (address, port) at once: {target: "open", "closed" or "filtered"}, in this order.

  The timeout leaves room for one retransmission of the SYN, a second after the first.
  """

  def attempt():
    states = {}
    pending = {}
    for target in targets:
      client = socket.socket(_family(target[0]), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
      client.connect_ex(target)
      pending[client] = target
    deadline = time.monotonic() + timeout
    while pending:
      # The sockets are polled once more after the deadline, because this process may not have had
      # the CPU before.
      left = max(0.0, deadline - time.monotonic())
      ready = select.select([], list(pending), [], left)[1]
      if not ready:
        break
      for client in ready:
        error = client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        states[pending.pop(client)] = "closed" if error else "open"
        client.close()
    for client, target in pending.items():
      states[target] = "filtered"
      client.close()
    return {target: states[target] for target in targets}

  return node.inside(attempt)


def tcp_one(node, address, port, timeout=1.3):
  return tcp(node, [(address, port)], timeout)[(address, port)]


def udp(node, address, port, timeout=1.0):
  """Whether an echo server answers; repeats the request until it does or the time is over."""

  def attempt():
    with socket.socket(_family(address), socket.SOCK_DGRAM) as client:
      client.connect((address, port))
      client.settimeout(timeout / 4)
      for _ in range(4):
        try:
          client.send(b"are you there")
          return client.recv(100) == b"are you there"
        except OSError:
          pass
      return False

  return node.inside(attempt)


def ping(node, address):
  done = node.run("ping", "-n", "-q", "-c", "4", "-i", "0.2", "-W", "2", address, check=False)
  return done.returncode == 0


def nmap(node, address, *arguments, timeout=240):
  """Returns {port: state}; counts of nmap's summarized `extraports` are under the state's name."""
  family = ["-6"] if ":" in address else []
  done = node.run(
      "nmap", *family, "-n", "-Pn", "-T4", "--max-retries", "2", "--max-rtt-timeout", "100ms",
      *arguments, "-oX", "-", address, timeout=timeout)
  host = ElementTree.fromstring(done.stdout).find("host")
  ports = {
      int(port.get("portid")): port.find("state").get("state") for port in host.iter("port")
  }
  others = {extra.get("state"): int(extra.get("count")) for extra in host.iter("extraports")}
  return ports, others
