# SPDX-License-Identifier: Apache-2.0
"""`host flows` for a host with very many flows."""

import json
import os
import re
import statistics
import subprocess
import time

from harness import case
from harness import fleet as fleets
from harness import policies
from harness import process

_FLOWS = 50_000
_ROUNDS = 7
_EXTRA_KIB = 32 * 1024


def _load(node, count):
  """Puts `count` established connections into the table of `node`."""
  lines = []
  for i in range(count):
    source = f"10.{200 + i // 65536}.{i // 256 % 256}.{i % 256}"
    lines.append(f"-I -s {source} -d 198.51.100.7 -p tcp --sport {1024 + i % 60000} --dport 443 "
                 "--state ESTABLISHED -u SEEN_REPLY,ASSURED -t 600\n")
  node.run("conntrack", "-R", "-", text_input="".join(lines), timeout=120)


def _peak_kib(pid):
  with open(f"/proc/{pid}/status", encoding="utf-8") as text:
    return int(re.search(r"VmHWM:\s+(\d+) kB", text.read())[1])


def _forget_peak(pid):
  with open(f"/proc/{pid}/clear_refs", "w", encoding="utf-8") as file:
    file.write("5")


class ManyFlows(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.apply(policies.policy("base", "all", policies.opened("tcp/22")))
    _load(cls.fleet.hosts["web1"].node, _FLOWS)

  def command(self, *flags):
    return self.fleet.controller_node.command(
        fleets.program("firebreak"), "--context", self.fleet.context, "host", "flows", "web1",
        *flags)

  def first_and_last(self):
    """Milliseconds until the first and the last line of a flow, and the number of lines."""
    begun = time.monotonic()
    with subprocess.Popen(self.command(), stdout=subprocess.PIPE) as running:
      running.stdout.readline()  # skips the header
      running.stdout.readline()
      first = time.monotonic() - begun
      count = 1 + running.stdout.read().count(b"\n")
    last = time.monotonic() - begun
    self.assertEqual(running.returncode, 0)
    return first * 1000, last * 1000, count

  def bare_call(self):
    """Milliseconds that the CLI needs at least to start, connect and get an answer."""
    begun = time.monotonic()
    self.fleet.cli("version", check=0)
    return (time.monotonic() - begun) * 1000

  def test_start_to_print_at_once_and_cost_little_memory(self):
    sides = {"agent": self.fleet.hosts["web1"].agent.pid, "controller": self.fleet.controller.pid}
    before = {}
    for name, pid in sides.items():
      _forget_peak(pid)
      before[name] = _peak_kib(pid)
    rounds = [self.first_and_last() for _ in range(_ROUNDS)]
    bare = statistics.median(self.bare_call() for _ in range(_ROUNDS))
    for _, _, count in rounds:
      self.assertGreaterEqual(count, _FLOWS)
    first = statistics.median(first for first, _, _ in rounds)
    last = statistics.median(last for _, last, _ in rounds)
    extra = {name: _peak_kib(pid) - before[name] for name, pid in sides.items()}
    print(f"           {_FLOWS} flows: first line after {first:.0f} ms, of which {bare:.0f} ms are "
          f"`firebreak version`; last after {last:.0f} ms; ratio to the bare call "
          f"{first / bare:.2f}")
    print("           memory at its peak: " + ", ".join(
        f"{name} {(before[name] + extra[name]) / 1024:.1f} MiB (+{extra[name] / 1024:.1f})"
        for name in sides))
    # The first line need not be the fastest possible, but must not wait for the whole table.
    self.assertLess(first - bare, (last - bare) / 2)
    for name, kib in extra.items():
      self.assertLess(kib, _EXTRA_KIB, name)

  def test_whoever_does_not_read_costs_no_memory_and_nobody_else_waits(self):
    pid = self.fleet.hosts["web1"].agent.pid
    _forget_peak(pid)
    before = _peak_kib(pid)
    with subprocess.Popen(self.command("-o", "json"), stdout=subprocess.PIPE) as slow:
      slow.stdout.read(1)
      # The slow reader's answer stands still, and others are served meanwhile.
      for _ in range(3):
        self.fleet.cli("host", "interfaces", "web1", check=0)
        self.fleet.local("web1", "flows", "--limit", "5", check=0)
      self.assertLess(_peak_kib(pid) - before, _EXTRA_KIB)
      rest = slow.stdout.read()
    self.assertGreaterEqual(len(json.loads("[" + rest.decode().lstrip("["))), _FLOWS)

  def test_those_who_go_leave_nothing_behind(self):
    # These are more answers than the agent makes at a time, and more questions than it accepts at a
    # time.
    for _ in range(20):
      with subprocess.Popen(self.command(), stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL) as leaving:
        leaving.stdout.readline()
        leaving.kill()
    deadline = time.monotonic() + process.PATIENCE
    while True:
      done = self.fleet.cli("host", "flows", "web1", "--limit", "1")
      if done.returncode == 0:
        break
      self.assertLess(time.monotonic(), deadline, done.stderr)
    threads = os.listdir(f"/proc/{self.fleet.hosts['web1'].agent.pid}/task")
    self.assertLess(len(threads), 20)
