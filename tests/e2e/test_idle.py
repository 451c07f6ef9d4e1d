"""What an agent takes that has nothing to do."""

import os
import re
import time

from harness import case
from harness import policies

_SECONDS = 10
_MEMORY_KIB = 20 * 1024
_CPU_SHARE = 0.002


class Idle(case.FleetCase):
  ALONE = True

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    ports = range(20_000, 40_000, 2)
    cls.fleet.apply(policies.policy("subject", "all", "port_mappings:\n" + policies.many(ports)),
                    timeout="60s")

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
    pid = self.fleet.hosts["web1"].agent.pid
    before = _cpu_seconds(pid)
    time.sleep(_SECONDS)  # the measurement itself
    used = _cpu_seconds(pid) - before
    print(f"           {used * 1000:.1f} ms of CPU in {_SECONDS} s")
    self.assertLess(used, _CPU_SHARE * _SECONDS)


def _cpu_seconds(pid):
  """Of all its threads, in nanosecond steps where the kernel keeps them."""
  total = 0
  for thread in os.listdir(f"/proc/{pid}/task"):
    with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="utf-8") as stat:
      total += int(stat.read().split()[0])
  return total / 1e9
