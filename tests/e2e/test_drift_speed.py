# SPDX-License-Identifier: Apache-2.0
"""How soon another program's change of the rules is undone, and which connections succeed first."""

import json
import statistics
import time

from harness import attempts
from harness import case
from harness import generations
from harness import policies
from harness import process

_MAPPINGS = 10_000
_LIMIT_MS = 50
_RUNS = 20
# Each of these opens the unmapped port 81, or everything.
_SABOTAGE = {
    "flush": ["flush ruleset"],
    "table": ["delete table inet firebreak"],
    "rule": ["insert rule inet firebreak input accept"],
    "element": ["add element inet firebreak in/elsewhere/ports { tcp . 81 : accept }"],
}


class DriftSpeed(case.FleetCase):
  ALONE = True

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"]
    cls.fleet.listen("web1", "tcp/80-81")
    ports = [80, *range(20_000, 20_000 + _MAPPINGS)]
    cls.fleet.apply(
        policies.policy("subject", "all", "port_mappings:\n" + policies.many(ports)))

    cls.same = cls.fleet.write(
        "table ip same { map ports { type inet_proto . inet_service : verdict; elements = {\n" +
        "".join(f"tcp . {port} : accept,\n" for port in ports) + "} }; }\n", ".nft")

  def load_with_nft(self):
    """Milliseconds that nft(8) needs to load a map of the same size in another namespace."""
    begun = time.monotonic()
    self.fleet.outsider.run("nft", "-f", self.same)
    taken = 1000 * (time.monotonic() - begun)
    self.fleet.outsider.run("nft", "delete table ip same")
    return taken

  def deleted_rule(self):
    """Returns the command that deletes the first rule of the input chain."""
    for item in self._rules():
      if item["chain"] == "input":
        return f"delete rule inet firebreak input handle {item['handle']}"
    raise AssertionError("there are no rules in chain input")

  def _rules(self):
    listing = self.host.node.run("nft", "-j", "-a", "list", "chain", "inet", "firebreak", "input")
    return [item["rule"] for item in json.loads(listing.stdout)["nftables"] if "rule" in item]

  def undone_after(self, sabotage):
    """[(begun, changed, undone) of each run], nft's load time, the attempts, and the successes."""
    watched = generations.Generations(self.host.node)
    self.addCleanup(watched.close)
    tries = attempts.Attempts(self.fleet.outsider, self.host.node.ipv4(), 81)
    self.addCleanup(tries.close)
    runs = []
    loads = []
    for run in range(_RUNS):
      if run % 4 == 0:
        loads.append(self.load_with_nft())
      command = sabotage() if callable(sabotage) else sabotage
      seen = len(watched.heard())
      begun = time.monotonic()
      self.host.node.run("nft", command)
      process.wait_until(lambda: watched.heard()[-1][1] >= watched.heard()[seen - 1][1] + 2,
                         f"run {run}: {command} is undone")
      time.sleep(0.02)  # gives attempts time that must fail now
      changed, undone = watched.heard()[seen], watched.heard()[-1]
      self.assertEqual(undone[1], watched.heard()[seen - 1][1] + 2, "one transaction undoes one")
      # On a busy machine both changes may be seen at once; the first then came after the command
      # began.
      runs.append((begun, begun if changed == undone else changed[0], undone[0]))
    return runs, statistics.median(loads), *tries.close()

  def check(self, sabotage, name):
    runs, load, tried, successes = self.undone_after(sabotage)
    taken = sorted(1000 * (undone - changed) for _, changed, undone in runs)
    median = statistics.median(taken)
    print(f"    {name}: undone after {median:.1f} ms (median; {taken[0]:.1f} to {taken[-1]:.1f}); "
          f"nft loads as much in {load:.1f} ms; {len(successes)} of {tried} connections got in meanwhile, none after")
    # A machine that is busy with other work takes longer for everything.
    self.assertLess(median, max(_LIMIT_MS, load))
    self.assertGreater(tried, 100)
    for tried_at, got_in_at in successes:
      self.assertTrue(
          any(tried_at <= undone and got_in_at >= begun for begun, _, undone in runs),
          f"a connection begun at {tried_at} succeeded at {got_in_at}, outside of {runs}")

  def test_all(self):
    for name, (command,) in _SABOTAGE.items():
      with self.subTest(name):
        self.check(command, name)
    with self.subTest("deleted rule"):
      self.check(self.deleted_rule, "deleted rule")

