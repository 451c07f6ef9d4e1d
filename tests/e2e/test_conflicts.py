# SPDX-License-Identifier: Apache-2.0
"""Other firewalls on the host are found, shown with what they mean, and left alone."""

import shutil

from harness import case
from harness import policies
from harness import probe

_OTHERS = """
add table inet more
add chain inet more in { type filter hook input priority 10; policy accept; }
add rule inet more in tcp dport 81 drop
"""


class Conflicts(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"]
    cls.fleet.listen("web1", "tcp/80-82")
    cls.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80-81")))

  def wait_conflicts(self, whats):
    def conflicts(status):
      return status.get("facts", {}).get("conflicts", [])
    return conflicts(self.fleet.wait_status(
        "web1", lambda status: sorted({one["what"] for one in conflicts(status)}) == whats,
        f"tells of {whats}"))

  def states(self):
    address = self.host.node.ipv4()
    return list(probe.tcp(self.fleet.outsider, [(address, port) for port in (80, 81, 82)]).values())

  def test_an_unknown_table_that_judges_too(self):
    # This table decides about no packet, so it is no conflict.
    self.host.node.run("nft", "add table inet idle; add chain inet idle in "
                       "{ type filter hook input priority 10; }; add set inet idle s "
                       "{ type ipv4_addr; }")
    self.addCleanup(self.host.node.run, "nft", "delete table inet idle")
    self.host.node.run("nft", _OTHERS)
    found, = self.wait_conflicts(["nftables"])
    self.assertEqual(found["table"], "inet more")
    self.assertIn("judges incoming packets too", found["explanation"])
    self.assertRegex(self.fleet.cli("host", "status", "web1", check=0).stdout,
                     "Beside it +nftables, table inet more\\n +it judges incoming packets")
    # The rules of both tables are in force.
    self.assertEqual(self.states(), ["open", "filtered", "filtered"])
    self.host.node.run("nft", "delete table inet more")
    self.wait_conflicts([])

  def test_the_older_iptables(self):
    self.host.node.run("iptables-legacy", "-I", "INPUT", "-p", "tcp", "--dport", "80", "-j", "DROP")
    # The legacy iptables sends no events, so the agent notices it within a minute, or when
    # nf_tables changes.
    self.host.node.run("nft", "add table inet news; delete table inet news")
    found = self.wait_conflicts(["iptables-legacy"])
    self.assertIn("iptables-legacy-save", found[0]["explanation"])
    self.assertEqual(self.states(), ["filtered", "open", "filtered"])
    self.host.node.run("iptables-legacy", "-F")


class Ufw(case.FleetCase):
  """The real ufw, in the host's namespace, with a configuration of its own."""

  def ufw(self, *arguments):
    return self.fleet.hosts["web1"].node.run(
        "unshare", "--mount", "sh", "-ec",
        'mount --bind "$1" /etc/ufw; mount --bind "$2" /etc/default/ufw; shift 2; exec ufw "$@"',
        "sh", self.fleet.path("ufw"), self.fleet.path("ufw.default"), *arguments)

  def test_both_work_and_the_other_is_told_of(self):
    host = self.fleet.hosts["web1"]
    shutil.copytree("/etc/ufw", self.fleet.path("ufw"))
    shutil.copy("/etc/default/ufw", self.fleet.path("ufw.default"))
    self.fleet.listen("web1", "tcp/80-83")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80-81")))
    self.ufw("allow", "80/tcp")
    self.ufw("allow", "82/tcp")
    self.ufw("--force", "enable")
    self.fleet.wait_status(
        "web1", lambda status: {one["what"] for one in status["facts"].get("conflicts", [])} ==
        {"ufw"}, "tells of ufw")
    page = self.fleet.cli("host", "status", "web1", check=0).stdout
    self.assertRegex(page, "Beside it +ufw, table ip filter, ip6 filter")
    self.assertIn("`ufw disable`", page)
    address = host.node.ipv4()
    targets = [(address, port) for port in (80, 81, 82, 83)]
    self.assertEqual(list(probe.tcp(self.fleet.outsider, targets).values()),
                     ["open", "filtered", "filtered", "filtered"])
    # Neither program has undone what the other did, and changes by either still work.
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/82")))
    self.assertEqual(list(probe.tcp(self.fleet.outsider, targets).values()),
                     ["filtered", "filtered", "open", "filtered"])
    self.assertIn("82/tcp", self.ufw("status").stdout)
    self.ufw("disable")
    self.assertFalse([line for line in host.agent.lines() if "changed Firebreak" in line])
