# SPDX-License-Identifier: Apache-2.0
"""The resources that an idle agent uses."""

import os
import re
import time

from harness import case
from harness import policies

_SECONDS = 10
_WAKEUPS = 10  # in a second
_MEMORY_KIB = 20 * 1024


class Idle(case.FleetCase):
  ALONE = True

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    ports = range(20_000, 40_000, 2)
    cls.fleet.apply(policies.policy("subject", "all", "port_mappings:\n" + policies.many(ports)))

  def test_an_idle_agent_with_10000_mappings_uses_under_20_mib(self):
    agent = self.fleet.hosts["web1"].agent
    with open(f"/proc/{agent.pid}/status", encoding="utf-8") as text:
      status = text.read()
    total, anonymous, mapped = (
        int(re.search(rf"{name}:\s+(\d+) kB", status)[1])
        for name in ("VmRSS", "RssAnon", "RssFile"))
    print(f"           {total / 1024:.1f} MiB, {anonymous / 1024:.1f} its own, "
          f"{mapped / 1024:.1f} of programs and libraries, which others share")
    self.assertLess(total, _MEMORY_KIB)

  def test_an_idle_agent_with_10000_mappings_uses_no_measurable_cpu(self):
    """The agent needs little more CPU than waking up costs, which this thread measures."""
    pid = self.fleet.hosts["web1"].agent.pid
    loop = f"/proc/{pid}/task/{pid}/status"
    begun, agent, floor = _wakeups(loop), _agent_seconds(pid), _seconds("/proc/thread-self")
    for _ in range(_WAKEUPS * _SECONDS):
      time.sleep(1 / _WAKEUPS)  # this thread's own wake-ups are the measure
    agent, floor = _agent_seconds(pid) - agent, _seconds("/proc/thread-self") - floor
    woken = _wakeups(loop) - begun
    print(f"           {agent * 1000:.1f} ms of CPU in {_SECONDS} s, its loop woke {woken} times; "
          f"only to wake {_WAKEUPS} times a second costs {floor * 1000:.1f} ms")
    self.assertLess(agent, 4 * floor)
    self.assertLess(woken, _SECONDS / 2)  # the loop has no tick; only gRPC's threads wake it


def _agent_seconds(pid):
  return sum(_seconds(f"/proc/{pid}/task/{thread}") for thread in os.listdir(f"/proc/{pid}/task"))


def _seconds(thread):
  """The CPU time of a thread in seconds, in steps of nanoseconds where the kernel keeps them."""
  with open(f"{thread}/schedstat", encoding="utf-8") as stat:
    return int(stat.read().split()[0]) / 1e9


def _wakeups(status):
  with open(status, encoding="utf-8") as text:
    return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text.read(), re.MULTILINE)[1])
