# SPDX-License-Identifier: Apache-2.0
"""Two hosts that look alike, one for another firewall and one for Firebreak, and what they let pass."""

import json
import socket
import struct

# Frames from here, and packets of ours from inside, are told from others by these.
SOURCE_MAC = "02:00:00:00:00:77"
MARK = 0x77

# The host's own addresses on its interfaces, beside those of the harness: outside, inside, a third.
OWN = {
    "eth0": ["203.0.113.10/24", "2001:db8::10/64"],
    "eth1": ["192.168.1.1/24", "fd00:1::1/64"],
    "eth2": ["10.8.0.1/24", "fd00:8::1/64"],
}

CONTAINERS = "172.17.0.1/16"  # on docker0

# Behind all rules of others: what came to the end of its way, by a number that each probe carries.
_JUDGE = f"""
table inet judge {{
  set in4 {{ typeof ip id; size 65535; flags dynamic; }}
  set in6 {{ typeof ip6 flowlabel; size 65535; flags dynamic; }}
  set out4 {{ typeof ip id; size 65535; flags dynamic; }}
  set out6 {{ typeof ip6 flowlabel; size 65535; flags dynamic; }}
  chain in {{
    type filter hook input priority 2147483647;
    ether saddr {SOURCE_MAC} update @in4 {{ ip id }}
    ether saddr {SOURCE_MAC} update @in6 {{ ip6 flowlabel }}
  }}
  chain through {{
    type filter hook forward priority 2147483647;
    ether saddr {SOURCE_MAC} update @in4 {{ ip id }}
    ether saddr {SOURCE_MAC} update @in6 {{ ip6 flowlabel }}
  }}
  chain out {{
    type filter hook postrouting priority 2147483647;
    meta mark {MARK} update @out4 {{ ip id }}
    meta mark {MARK} update @out6 {{ ip6 flowlabel }}
  }}
}}
"""


def _forget_flows():
  """IPCTNL_MSG_CT_DELETE without a tuple (nf_conntrack_netlink.c), by NETLINK_NETFILTER."""
  with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:
    netlink.send(struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 5, 1, 0, 0, 0, 0))
    error = struct.unpack_from("=i", netlink.recv(4096), 16)[0]
    if error:
      raise OSError(-error, "forget flows")


class Subject:
  """One of the hosts; frames to it are sent from `neighbour`."""

  def __init__(self, node, neighbour):
    self.node = node
    self.neighbour = neighbour
    self.macs = {}
    for name, addresses in OWN.items():
      for address in addresses:
        node.run("ip", "address", "add", address, "dev", name, *(["nodad"] if ":" in address else []))
      self.macs[name] = node.run("cat", f"/sys/class/net/{name}/address").stdout.strip()
    # What has no ports would be taken for a flow that another configuration let in; the agent ends
    # those that its rules do not let in, but cannot tell both ways of these apart.
    settings = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                "net.netfilter.nf_conntrack_generic_timeout=1",
                "net.netfilter.nf_conntrack_gre_timeout=1",
                "net.netfilter.nf_conntrack_gre_timeout_stream=1"]
    for name in ("all", "default", *OWN):
      settings += [f"net.ipv4.conf.{name}.rp_filter=0", f"net.ipv6.conf.{name}.accept_ra=0"]
    node.run("sysctl", "-qw", *settings)
    # A bridge as container engines make it, with a port so that it is up.
    for command in ("link add docker0 type bridge", f"address add {CONTAINERS} dev docker0",
                    "link add veth0 type veth peer name veth1", "link set veth0 master docker0 up",
                    "link set veth1 up", "link set docker0 up",
                    "route add default via 203.0.113.1 dev eth0",
                    "-6 route add default via 2001:db8::1 dev eth0"):
      node.run("ip", *command.split())
    self.judge()

  def judge(self):
    """Forgets what has passed."""
    self.node.run("nft", "-f", "-", text_input=f"table inet judge\ndelete table inet judge\n{_JUDGE}")

  def clear(self):
    """Takes all rules of others away, and forgets the flows that they let in."""
    self.node.run("nft", "flush", "ruleset")
    self.node.inside(_forget_flows)
    self.judge()

  def passed(self):
    """The numbers of the probes that passed."""
    listed = json.loads(self.node.run("nft", "-j", "list", "table", "inet", "judge").stdout)
    passed = set()
    for item in listed["nftables"]:
      for element in item.get("set", {}).get("elem", []):
        passed.add(element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element)
    return passed

  def send(self, probes):
    """Sends the probes, in their order, and returns once the host has seen all of them."""

    def frames():
      sockets = {}
      for i, name in enumerate(OWN):
        sockets[name] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sockets[name].bind((f"eth{i}", 0))
      source = bytes.fromhex(SOURCE_MAC.replace(":", ""))
      for probe in probes:
        if probe.way == "out":
          continue
        target = bytes.fromhex(self.macs[probe.interface].replace(":", ""))
        kind = struct.pack("!H", 0x86DD if probe.v6 else 0x0800)
        sockets[probe.interface].send(target + source + kind + probe.packet)
      for one in sockets.values():
        one.close()

    def packets():
      raw4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
      raw6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
      raw6.setsockopt(socket.IPPROTO_IPV6, 36, 1)  # IPV6_HDRINCL
      for one in (raw4, raw6):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
      for probe in probes:
        if probe.way != "out":
          continue
        try:
          (raw6 if probe.v6 else raw4).sendto(probe.packet, (probe.destination, 0))
        except OSError:
          pass  # the kernel tells of a packet that was dropped
      raw4.close()
      raw6.close()

    self.neighbour.inside(frames)
    self.node.inside(packets)
