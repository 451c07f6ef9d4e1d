# SPDX-License-Identifier: Apache-2.0
"""The policies of deploy/examples do with packets what their comments say.

Those of the branch router and of the host with containers are in test_forward.py.
"""

import os
import socket
import subprocess

from harness import case
from harness import network
from harness import probe
from harness import process

_EXAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "examples")

# What kube-proxy writes for a service with a node port and a cluster address.
_KUBE_PROXY = """\
table ip kube-proxy {
  chain services {
    ip daddr 10.96.0.10 tcp dport 80 dnat to 10.244.1.2:80
    fib daddr type local tcp dport 30080 dnat to 10.244.1.2:80
  }
  chain nat-prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 10.244.0.0/16 ip daddr != 10.244.0.0/16 masquerade
  }
}
"""


class Examples(case.FleetCase):

  HOSTS = {"laptop": {"role": "laptop"}, "mail": {"role": "mail"}, "node": {"role": "kubernetes"}}
  OPTIONS = {"bystanders": ("stranger",)}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.outsider, cls.stranger = cls.fleet.outsider, cls.fleet.bystanders["stranger"]
    # One that is no neighbour: its address is of another network.
    cls.stranger.run("ip", "address", "add", "198.51.100.7/32", "dev", "eth0")
    cls.stranger.run("ip", "route", "replace", "10.77.0.0/24", "dev", "eth0", "src", "198.51.100.7")
    for host in cls.fleet.hosts.values():
      host.node.run("ip", "route", "add", "198.51.100.7", "dev", "eth0")
    for name in ("laptop", "mail-server", "kubernetes-node"):
      cls.fleet.cli("apply", "-f", os.path.join(_EXAMPLES, name + ".yaml"), check=0)
    for name in cls.HOSTS:
      cls.fleet.wait_status(name, lambda one: one["rollout"] == "applied", "is applied")

  def states(self, node, host, *ports):
    address = self.node(host).ipv4()
    return list(probe.tcp(node, [(address, port) for port in ports]).values())

  def test_laptop(self):
    laptop = self.node("laptop")
    self.fleet.listen("laptop", "tcp/3389", "tcp/445")
    self.fleet.traffic(self.outsider, "listen", "tcp/445")
    self.fleet.traffic(self.stranger, "listen", "tcp/445")
    self.assertTrue(probe.ping(self.outsider, laptop.ipv4()))
    self.assertFalse(probe.ping(self.stranger, laptop.ipv4()))
    self.assertEqual(self.states(self.outsider, "laptop", 3389, 445), ["open", "filtered"])
    self.assertEqual(self.states(self.stranger, "laptop", 3389, 445), ["filtered", "filtered"])
    self.assertEqual(probe.tcp_one(laptop, self.outsider.ipv4(), 445), "open")
    self.assertNotEqual(probe.tcp_one(laptop, "198.51.100.7", 445), "open")

    def asker():
      one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      one.bind((laptop.ipv4(), 40_000))
      one.settimeout(1)
      return one

    def answer():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.bind((self.outsider.ipv4(), 1900))
        device.sendto(b"here", (laptop.ipv4(), 40_000))

    def receive():
      try:
        return asking.recv(100)
      except TimeoutError:
        return b""

    asking = laptop.inside(asker)
    self.addCleanup(asking.close)
    self.outsider.inside(answer)
    self.assertEqual(receive(), b"", "nobody has been asked")
    asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(laptop.ipv4()))
    asking.sendto(b"who is there?", ("239.255.255.250", 1900))
    self.outsider.inside(answer)
    self.assertEqual(receive(), b"here")

  def test_mail_server(self):
    mail = self.node("mail")
    self.fleet.listen("mail", "tcp/25", "tcp/110", "tcp/465", "tcp/993", "tcp/22")
    self.fleet.traffic(self.outsider, "listen", "tcp/25", "tcp/9999")
    self.assertEqual(self.states(self.stranger, "mail", 25, 110, 993, 22),
                     ["open", "filtered", "open", "filtered"])
    self.assertEqual(self.states(self.outsider, "mail", 22), ["open"])

    # Somebody guesses passwords as fast as it goes; others come in as before.
    tried = [self.states(self.outsider, "mail", 993)[0] for _ in range(12)]
    self.assertEqual(tried[:10], ["open"] * 10)
    self.assertIn("filtered", tried)
    self.assertEqual(self.states(self.stranger, "mail", 465), ["open"])
    self.assertEqual(self.states(self.outsider, "mail", 25), ["open"])

    def delivers(user, port):
      code = (f"import socket; socket.create_connection(('{self.outsider.ipv4()}', {port}), "
              "timeout=3)")
      done = mail.run("setpriv", f"--reuid={user}", "--clear-groups", "python3", "-c", code,
                      check=False)
      return done.returncode == 0

    self.assertTrue(delivers("mail", 25))
    self.assertFalse(delivers("nobody", 25))
    self.assertFalse(delivers("mail", 9999))
    self.assertTrue(probe.ping(mail, self.outsider.ipv4()))

  def test_kubernetes_node(self):
    node = self.node("node")
    pod = network.Node("pod", 2, node.namespace + "-")
    subprocess.run(["ip", "netns", "add", pod.namespace], check=True)
    self.addCleanup(subprocess.run, ["ip", "netns", "delete", pod.namespace], check=False)
    node.run("ip", "link", "add", "cni0", "type", "bridge")
    node.run("ip", "address", "add", "10.244.1.1/24", "dev", "cni0")
    node.run("ip", "link", "set", "cni0", "up")
    node.run("ip", "link", "add", "veth2", "type", "veth", "peer", "name", "eth0", "netns",
             pod.namespace)
    node.run("ip", "link", "set", "veth2", "master", "cni0", "up")
    pod.run("ip", "address", "add", "10.244.1.2/24", "dev", "eth0")
    pod.run("ip", "link", "set", "eth0", "up")
    pod.run("ip", "route", "add", "default", "via", "10.244.1.1")
    node.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    node.run("nft", "-f", "-", text_input=_KUBE_PROXY)
    self.fleet.traffic(pod, "listen", "tcp/80", "tcp/81")
    self.fleet.listen("node", "tcp/10250", "tcp/10255")
    self.fleet.traffic(self.outsider, "listen", "tcp/80")
    self.fleet.wait_status(
        "node", lambda one: "cni0" in [i["name"] for i in one["receipt"]["interfaces"]],
        "its agent knows the bridge")
    process.wait_until(lambda: self.states(self.outsider, "node", 30080) == ["open"],
                       "the service is open by its node port")
    self.assertEqual(self.states(self.outsider, "node", 10250, 10255), ["open", "filtered"])
    self.assertEqual(self.states(self.stranger, "node", 30080, 10250), ["open", "filtered"])
    # From another node; from elsewhere not.
    self.outsider.run("ip", "route", "add", "10.244.1.0/24", "via", node.ipv4())
    self.stranger.run("ip", "route", "add", "10.244.1.0/24", "via", node.ipv4(), "src",
                      "198.51.100.7")
    self.assertEqual(probe.tcp_one(self.outsider, "10.244.1.2", 81), "open")
    self.assertEqual(probe.tcp_one(self.stranger, "10.244.1.2", 81), "filtered")
    self.assertEqual(probe.tcp_one(pod, self.outsider.ipv4(), 80), "open")
    self.assertEqual(probe.tcp_one(pod, "10.96.0.10", 80), "filtered",
                     "hairpin needs the plugin's own masquerading")
