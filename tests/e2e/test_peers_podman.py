# SPDX-License-Identifier: Apache-2.0
"""Real containers: podman publishes ports on a host with `firewall: on`."""

import os
import re
import shutil
import socket
import subprocess
import unittest

from harness import case
from harness import network
from harness import policies
from harness import probe


class Podman:
  """Runs podman in a node's network, with a store of its own.

  It is entered by its network namespace alone, as `ip netns exec` would hide the control groups.
  runc takes them as this machine has them, and the limits are below any machine's own.
  """

  def __init__(self, node, directory):
    self._command = [
        "nsenter", f"--net=/run/netns/{node.namespace}", "podman", "--root",
        os.path.join(directory, "store"), "--runroot", os.path.join(directory, "run"), "--tmpdir",
        os.path.join(directory, "tmp"), "--network-backend", "netavark", "--network-config-dir",
        os.path.join(directory, "net"), "--cgroup-manager", "cgroupfs", "--runtime", "runc",
        "--storage-driver", "vfs", "--events-backend", "file",
    ]
    self._directory = directory

  def run(self, *arguments, check=True):
    done = subprocess.run([*self._command, *arguments], capture_output=True, text=True,
                          timeout=120, check=False)
    if check and done.returncode != 0:
      raise RuntimeError(f"podman {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done

  def make_image(self):
    """An image of one program and its libraries, as there is no registry to get one from."""
    root = os.path.join(self._directory, "image")
    for folder in ("bin", "tmp", "www"):
      os.makedirs(os.path.join(root, folder))
    busybox = shutil.which("busybox")
    shutil.copy(busybox, os.path.join(root, "bin"))
    listed = subprocess.run(["ldd", busybox], check=True, capture_output=True, text=True).stdout
    for library in re.findall(r"/\S+", listed):
      os.makedirs(root + os.path.dirname(library), exist_ok=True)
      shutil.copy(library, root + library)
    for name in ("sh", "httpd"):
      os.symlink("busybox", os.path.join(root, "bin", name))
    with open(os.path.join(root, "www", "index.html"), "w", encoding="ascii") as page:
      page.write("hello\n")
    archive = os.path.join(self._directory, "image.tar")
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    self.run("import", archive, "page")

  def start(self, name, *options):
    self.run("run", "-d", "--name", name, "--ulimit", "nofile=512:512", "--ulimit",
             "nproc=512:512", "--pids-limit=0", "--network", "pages", *options, "page",
             "/bin/httpd", "-f", "-p", "80", "-h", "/www")


@unittest.skipUnless(all(map(shutil.which, ("podman", "runc", "busybox"))),
                     "podman, runc and busybox are not installed")
class Published(case.FleetCase):

  OPTIONS = {"bystanders": ("stranger",)}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host, cls.outsider = cls.node(cls, "web1"), cls.fleet.outsider
    cls.stranger = cls.fleet.bystanders["stranger"]
    cls.fleet.traffic(cls.outsider, "listen", "tcp/80")
    directory = cls.fleet.path("podman")
    os.mkdir(directory)
    cls.podman = Podman(cls.host, directory)
    try:
      cls.podman.make_image()
      cls.podman.run("network", "create", "--ipv6", "--subnet", "172.29.0.0/24", "--subnet",
                     "fd29::/64", "pages")
      cls.addClassCleanup(cls.podman.run, "rm", "--force", "--all", "--time", "0", check=False)
      cls.podman.start("front", "-p", "8080:80")
      cls.podman.start("back")
    except RuntimeError as error:
      raise unittest.SkipTest(f"podman does not run on this machine: {error}") from error

  def addresses(self, name):
    """A container's IPv4 and IPv6 addresses; podman remembers those of runs that were killed."""
    network_of = '(index .NetworkSettings.Networks "pages")'
    shown = self.podman.run("inspect", "--format",
                            f"{{{{{network_of}.IPAddress}}}} {{{{{network_of}.GlobalIPv6Address}}}}",
                            name)
    return shown.stdout.split()

  def states(self, node):
    found = probe.tcp(node, [(address, 8080) for address in self.host.addresses()])
    return list(found.values())

  def container(self, name):
    """The container's network namespace, as a node."""
    path = self.podman.run("inspect", "--format", "{{.NetworkSettings.SandboxKey}}", name).stdout
    node = network.Node(name, 0, "")
    node.namespace = os.path.basename(path.strip())
    return node

  def test_it_is_shut_until_mapped_and_then_open_from_the_mapped_source_only(self):
    self.assertEqual(self.states(self.outsider), ["open", "open"], "podman has published it")
    self.fleet.apply(policies.policy("subject", "all", 'firewall: "on"'))
    self.assertEqual(self.states(self.outsider), ["filtered", "filtered"])
    sources = f'"{self.outsider.ipv4()}", "{self.outsider.ipv6()}"'
    self.fleet.apply(policies.policy(
        "subject", "all", f"port_mappings: [{{protocol: tcp, ports: 8080, from: [{sources}]}}]"))
    self.assertEqual(self.states(self.outsider), ["open", "open"])
    self.assertEqual(self.states(self.stranger), ["filtered", "filtered"])
    self.assertEqual(self.page(), b"hello\n")

    # Containers reach out and each other, and the host reaches them.
    front = self.container("front")
    for address in self.outsider.addresses() + self.addresses("back"):
      with self.subTest(address=address):
        self.assertEqual(probe.tcp_one(front, address, 80), "open")
        self.assertTrue(probe.ping(front, address))
    inside = [(address, 80) for address in self.addresses("front")]
    self.assertEqual(list(probe.tcp(self.host, inside).values()), ["open", "open"])

    # One that starts now is shut as well.
    self.podman.start("late", "-p", "8081:80")
    self.assertEqual(probe.tcp_one(self.outsider, self.host.ipv4(), 8081), "filtered")
    self.podman.run("rm", "--force", "--time", "0", "late")
    self.assertEqual(self.states(self.outsider), ["open", "open"])

  def page(self):

    def ask():
      with socket.create_connection((self.host.ipv4(), 8080), timeout=10) as client:
        client.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
        answer = b""
        while chunk := client.recv(4096):
          answer += chunk
        return answer.partition(b"\r\n\r\n")[2]

    return self.outsider.inside(ask)
