# SPDX-License-Identifier: Apache-2.0
"""The host itself undoes a revision that blocks the way to the controller."""

import time

from harness import case
from harness import netfilter
from harness import policies
from harness import probe
from harness import process

_GOOD = policies.group("web", "role", "web") + policies.policy(
    "subject", "web", policies.opened("tcp/80"))
_LOCKS_OUT = policies.policy("subject", "web", policies.opened("tcp/81") + """\
outbound:
  default: block
""")


class Lockout(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "db1": {"role": "db"}}
  OPTIONS = {"agent_flags": ["--reach-timeout", "3"]}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.listen("web1", "tcp/80-81")
    cls.fleet.apply(_GOOD + policies.policy("other", '"host:db1"', policies.opened("tcp/22")))

  def states(self):
    address = self.node("web1").ipv4()
    return tuple(probe.tcp(self.fleet.outsider, [(address, 80), (address, 81)]).values())

  def wait_blamed(self):
    """Waits until the host has retried, in case the controller was away, and has given up."""
    return self.fleet.wait_status(
        "web1", lambda one: one.get("rollout") == "undone" and
        not one["refusal"].get("trying_again"), "is undone for good")

  def test_it_is_undone_and_host_status_tells_so(self):
    good = self.fleet.apply(_GOOD.replace("80", "[80, 8080]"))
    good_revision = self.fleet.revision()
    before = netfilter.ruleset(self.node("web1"))
    others = netfilter.Monitor(self.node("db1"), self.fleet.directory)
    self.addCleanup(others.close)

    begun = time.monotonic()
    done = self.fleet.cli("apply", "-f", self.fleet.write(_LOCKS_OUT), "--wait", "--timeout", "60s",
                          check=1)
    self.assertLess(time.monotonic() - begun, 30)
    self.assertIn("web1", done.stdout + done.stderr)

    status = self.wait_blamed()
    self.assertEqual(status["rollout"], "undone", good.stdout)
    self.assertEqual(status["refusal"]["kind"], "undone")
    self.assertTrue(status["refusal"]["reason"])
    self.assertEqual(int(status["refusal"]["revision"]), good_revision + 1)
    self.assertEqual(int(status["revision"]), good_revision)
    self.assertIn("undone", self.fleet.cli("host", "status", "web1", check=0).stdout)
    self.assertIn("undone", self.fleet.cli("host", "list", check=0).stdout)

    self.assertEqual(self.states(), ("open", "filtered"))
    self.assertEqual(_without_handles(netfilter.ruleset(self.node("web1"))),
                     _without_handles(before))
    self.assertEqual(others.changes(), [])
    self.fleet.wait_status(
        "db1", lambda other: int(other["revision"]) == good_revision + 1, "has the revision")

    # The revision is not tried again after a reconnect; a later revision is.
    host = self.fleet.hosts["web1"]
    host.agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    after = self.fleet.status("web1")
    self.assertEqual((after["rollout"], int(after["revision"])), ("undone", good_revision))
    self.assertEqual(self.states(), ("open", "filtered"))

    self.fleet.apply(_GOOD)
    self.assertEqual(self.fleet.status("web1")["rollout"], "applied")
    self.assertEqual(self.states(), ("open", "filtered"))

  def test_it_is_undone_too_when_the_agent_dies_in_between(self):
    self.fleet.apply(_GOOD)
    revision = self.fleet.revision()
    before = netfilter.ruleset(self.node("web1"))
    self.fleet.cli("apply", "-f", self.fleet.write(_LOCKS_OUT), check=0)
    process.wait_until(lambda: netfilter.ruleset(self.node("web1")) != before,
                       "the revision on trial is in the kernel")
    self.fleet.hosts["web1"].agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    status = self.wait_blamed()
    self.assertEqual(int(status["revision"]), revision)
    self.assertEqual(self.states(), ("open", "filtered"))

  def test_a_host_that_is_off_should_have_it_too_and_is_named(self):
    self.fleet.hosts["db1"].agent.kill()
    self.fleet.wait_status("db1", lambda one: one["state"] == "offline", "is off")
    done = self.fleet.cli(
        "apply", "-f", self.fleet.write(policies.policy("wide", "all", policies.opened("tcp/82"))),
        "--wait", "--timeout", "60s", check=1)
    said = done.stdout + done.stderr
    self.assertRegex(said, "1 host offline: db1")
    self.assertRegex(said, "applied by 1 host: web1")
    self.fleet.start_agent("db1")
    self.fleet.wait_online("db1")


def _without_handles(items):
  """Compares values only: items that were put back may have other handles and places."""
  if isinstance(items, dict):
    return {key: _without_handles(value) for key, value in items.items()
            if key not in ("handle", "packets", "bytes")}
  if isinstance(items, list):
    return sorted((_without_handles(item) for item in items), key=repr)
  return items
