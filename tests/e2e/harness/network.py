# SPDX-License-Identifier: Apache-2.0
"""Namespaces joined by a switch: every node has eth0, eth1, … with IPv4 and IPv6."""

import ctypes
import itertools
import os
import subprocess
import threading

from harness import cleanup

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Node:
  """One namespace. Interface I has 10.77.I.N/24 and fd77:I::N/64."""

  def __init__(self, name, number, prefix):
    self.name = name
    self.number = number
    self.namespace = prefix + name

  def ipv4(self, interface=0):
    return f"10.77.{interface}.{self.number}"

  def ipv6(self, interface=0):
    return f"fd77:{interface}::{self.number}"

  def addresses(self, interface=0):
    return [self.ipv4(interface), self.ipv6(interface)]

  def command(self, *arguments):
    """The command line that runs `arguments` in this node; `ip` replaces itself by the program."""
    return ["ip", "netns", "exec", self.namespace, *map(str, arguments)]

  def run(self, *arguments, check=True, timeout=60, text_input=None):
    done = subprocess.run(
        self.command(*arguments), capture_output=True, text=True, errors="replace",
        timeout=timeout, check=False, input=text_input)
    if check and done.returncode != 0:
      raise RuntimeError(f"in {self.name}: {' '.join(map(str, arguments))}: "
                         f"exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done

  def inside(self, function):
    """Calls `function` on a thread in this namespace; sockets made there stay in the namespace."""
    result = []

    def body():
      descriptor = os.open(f"/run/netns/{self.namespace}", os.O_RDONLY | os.O_CLOEXEC)
      try:
        if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
          raise OSError(ctypes.get_errno(), f"setns {self.namespace}")
        result.append((function(), None))
      except BaseException as error:  # passed on to the caller, whatever it is
        result.append((None, error))
      finally:
        os.close(descriptor)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    value, error = result[0]
    if error is not None:
      raise error
    return value


class Network:
  """The nodes and the switch; close() removes them all."""

  _serial = itertools.count()

  def __init__(self, numbers, interfaces=1):
    """`numbers` maps a node's name to the last part of its addresses."""
    self._scope = cleanup.Scope()
    prefix = f"{cleanup.PREFIX}{next(self._serial)}-"
    self._switch = prefix + "switch"
    # The switch has the bridges br0, br1, … and a port NODE-I for each interface.
    self.switch = Node("switch", 0, prefix)
    self.nodes = {name: Node(name, number, prefix) for name, number in numbers.items()}
    try:
      self._make(interfaces)
    except BaseException:
      self.close()
      raise

  def close(self):
    self._scope.close()

  @staticmethod
  def port(node, interface=0):
    """The name of the other end of the node's interface, in the switch."""
    return f"{node.name[:11]}-{interface}"

  def _make(self, interfaces):
    self._make_namespace(self._switch)
    lines = []
    for bridge in range(interfaces):
      lines.append(f"link add br{bridge} type bridge mcast_snooping 0")
      lines.append(f"link set br{bridge} up")
    _ip(self._switch, lines)
    for node in self.nodes.values():
      self._make_namespace(node.namespace)
      ports = []
      lines = ["link set lo up"]
      for i in range(interfaces):
        port = self.port(node, i)
        lines.append(f"link add eth{i} type veth peer name {port} netns {self._switch}")
        ports.append(f"link set {port} master br{i} up")
        lines.append(f"address add {node.ipv4(i)}/24 dev eth{i}")
        lines.append(f"address add {node.ipv6(i)}/64 dev eth{i} nodad")
        lines.append(f"link set eth{i} up")
      _ip(node.namespace, lines)
      _ip(self._switch, ports)

  def _make_namespace(self, name):
    subprocess.run(["ip", "netns", "add", name], check=True)
    self._scope.callback(
        subprocess.run, ["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)
    # Without duplicate address detection, link-local addresses work at once too.
    subprocess.run(
        ["ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"],
        check=True)


def _ip(namespace, lines):
  subprocess.run(
      ["ip", "-n", namespace, "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)
