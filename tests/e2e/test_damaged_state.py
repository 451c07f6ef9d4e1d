# SPDX-License-Identifier: Apache-2.0
"""Each file of a host's state is damaged: the host never opens, and the damage is not hidden."""

import os
import random
import shutil

from harness import case
from harness import netfilter
from harness import policies
from harness import probe
from harness import process
from harness import records

_SLOW = bool(os.environ.get("FIREBREAK_SLOW"))
_SEED = int(os.environ.get("FIREBREAK_SEED", "0"))
_DAMAGES = 12  # the number of damages in the short form
_STEP = 64  # in bytes


def _damages(path):
  """[(description, damaged content)]: a bit flipped in each 64th byte, and the file cut there."""
  with open(path, "rb") as source:
    whole = source.read()
  found = []
  for at in range(0, len(whole), _STEP):
    flipped = bytearray(whole)
    flipped[at] ^= 1 << (at // _STEP % 8)
    found.append((f"bit of byte {at}", bytes(flipped)))
    found.append((f"cut at {at}", whole[:at]))
  return found


class DamagedState(case.FleetCase):

  def state_files(self, directory):
    """The files that the agent reads at its start; locks and sockets have no content."""
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(directory)
                  for name in names
                  if os.path.isfile(os.path.join(folder, name))
                  and os.path.getsize(os.path.join(folder, name)) > 0)

  def test_it_is_healed_or_said_and_nothing_opens(self):
    fleet, host = self.fleet, self.fleet.hosts["web1"]
    fleet.apply(policies.policy(
        "subject", "all", 'firewall: "on"\nlocal_control: allow\n'
        + policies.opened("tcp/80") + records.logging(fleet.path("host.log"))))
    # The following commands leave content in every file.
    fleet.local("web1", "disable", "--interface", "eth7", check=None)
    probe.tcp_one(fleet.outsider, host.node.ipv4(), 81)
    listener = fleet.listen("web1", "tcp/80", "tcp/81")
    self.assertEqual(host.agent.stop(), 0)
    pristine = fleet.path("pristine")
    shutil.copytree(host.state_directory, pristine,
                    ignore=lambda folder, names: [n for n in names if n.endswith(".sock")])
    chosen = [(path, what, damaged) for path in self.state_files(pristine)
              for what, damaged in _damages(path)]
    self.assertGreater(len(chosen), 50)
    if not _SLOW:
      chosen = random.Random(_SEED).sample(chosen, _DAMAGES)
    for path, what, damaged in chosen:
      name = os.path.relpath(path, pristine)
      with self.subTest(file=name, damage=what):
        self.start_with(pristine, name, damaged)
        self.assert_safe(name)
        host.agent.kill()
    del listener

  def start_with(self, pristine, name, damaged):
    """Starts the agent as after a reboot, when the kernel has no rules."""
    host = self.fleet.hosts["web1"]
    for table in ("inet firebreak", "netdev firebreak"):
      host.node.run("nft", f"delete table {table}", check=False)
    shutil.rmtree(host.state_directory)
    shutil.copytree(pristine, host.state_directory)
    with open(os.path.join(host.state_directory, name), "wb") as out:
      out.write(damaged)
    self.fleet.start_agent("web1")

  def assert_safe(self, name):
    """Asserts that the closed port is closed, or that the agent ended and said why."""
    host = self.fleet.hosts["web1"]
    said = lambda: any(os.path.basename(name) in line for line in host.agent.lines())
    enforces = lambda: netfilter.has_table(host.node)

    process.wait_until(lambda: enforces() or not host.agent.running(), "the agent enforces")
    self.assertTrue(host.agent.running() or said(), host.agent.tail())
    if not host.agent.running():
      return
    address = host.node.ipv4()
    self.assertEqual(probe.tcp_one(self.fleet.outsider, address, 81), "filtered")
    # Either the controller has healed the damage, because nothing in the file mattered, or the
    # agent has reported it.
    def well():
      return said() or probe.tcp_one(self.fleet.outsider, address, 80) == "open"

    process.wait_until(well, f"the damage of {name} is healed or said")
