# SPDX-License-Identifier: Apache-2.0
"""Metrics for Prometheus, of controller and agent, checked by promtool and a scraper."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from harness import case
from harness import policies
from harness import process
from harness import records

_CONTROLLER = "127.0.0.1:9465"
_AGENT = "127.0.0.1:9466"


class Metrics(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}
  OPTIONS = {"controller_flags": ["--metrics", _CONTROLLER],
             "agent_flags": ["--metrics", _AGENT]}

  def scrape(self, node, address, path="/metrics"):
    def get():
      with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as response:
        return response.read().decode()
    return node.inside(get)

  def values(self, node, address):
    """The metrics as a dictionary: name and labels → value."""
    found = {}
    for line in self.scrape(node, address).splitlines():
      if not line.startswith("#"):
        name, _, value = line.rpartition(" ")
        found[name] = float(value)
    return found

  def log(self):
    self.fleet.apply(policies.policy("base", "all", policies.opened("tcp/22") +
                                     records.logging(self.fleet.path("web1.log"))))

  def controller_values(self):
    return self.values(self.fleet.controller_node, _CONTROLLER)

  def agent_values(self):
    return self.values(self.node("web1"), _AGENT)

  def test_both_follow_a_revision(self):
    before = self.controller_values()
    self.assertEqual(before["firebreak_streams"], 1)
    self.assertEqual(before["firebreak_hosts"], 1)
    self.fleet.apply(policies.policy("base", "all", policies.opened("tcp/22")))
    after = self.controller_values()
    for name in ("firebreak_pushes_total", "firebreak_push_to_receipt_seconds_count",
                 'firebreak_push_to_receipt_seconds_bucket{le="+Inf"}', "firebreak_revision"):
      self.assertEqual(after[name], before[name] + 1, name)
    self.assertGreater(after["firebreak_push_to_receipt_seconds_sum"],
                       before["firebreak_push_to_receipt_seconds_sum"])
    agent = self.agent_values()
    self.assertEqual(agent["firebreak_agent_connected"], 1)
    self.assertEqual(agent["firebreak_agent_revision"], self.fleet.revision())
    self.assertGreater(agent["firebreak_agent_apply_seconds"], 0)
    self.assertGreater(agent["process_resident_memory_bytes"], 1 << 20)
    with open("/proc/stat", encoding="ascii") as stat:
      booted = next(int(line.split()[1]) for line in stat if line.startswith("btime"))
    self.assertGreaterEqual(agent["process_start_time_seconds"], booted)

  def test_nothing_else_is_served(self):
    for path in ("/", "/metrics/x"):
      with self.assertRaises(urllib.error.HTTPError) as refused:
        self.scrape(self.node("web1"), _AGENT, path)
      self.assertEqual(refused.exception.code, 404)
      refused.exception.close()
    self.scrape(self.node("web1"), _AGENT)

  def test_other_hosts_cannot_read_them(self):
    def get():
      with urllib.request.urlopen(f"http://{self.fleet.controller_node.ipv4()}:9465/metrics",
                                  timeout=2):
        pass
    with self.assertRaises(OSError):
      self.fleet.outsider.inside(get)

  def test_each_metric_is_told_of(self):
    for node, address in ((self.fleet.controller_node, _CONTROLLER), (self.node("web1"), _AGENT)):
      text = self.scrape(node, address)
      types = dict(re.findall(r"^# TYPE (\S+) (counter|gauge|histogram)$", text, re.M))
      helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.M))
      self.assertEqual(set(types), set(helps))
      for line in text.splitlines():
        if line.startswith("#"):
          continue
        name = re.match(r"[a-z_]+", line)[0]
        family = name if name in types else re.sub("_(bucket|sum|count)$", "", name)
        self.assertIn(family, types, line)
        if types[family] == "counter":
          self.assertTrue(name.endswith("_total"), line)

  @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
  def test_promtool_has_nothing_to_say(self):
    for node, address in ((self.fleet.controller_node, _CONTROLLER), (self.node("web1"), _AGENT)):
      done = subprocess.run(["promtool", "check", "metrics"], input=self.scrape(node, address),
                            capture_output=True, text=True, timeout=60, check=False)
      self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

  def test_the_dashboard_asks_for_what_there_is(self):
    # There are metrics about the log and the stack only if a policy asks for that.
    self.fleet.apply(policies.policy(
        "base", "all", 'firewall: "on"\nhardening: {preset: recommended}\n' +
        records.logging(self.fleet.path("web1.log"))))
    path = os.path.join(os.path.dirname(__file__), "../../deploy/grafana/firebreak.json")
    with open(path, encoding="utf-8") as file:
      panels = json.load(file)["panels"]
    asked = {name for panel in panels for target in panel["targets"]
             for name in re.findall(r"(?:firebreak|process)_[a-z_]+", target["expr"])}
    offered = self.scrape(self.fleet.controller_node, _CONTROLLER) + self.scrape(
        self.node("web1"), _AGENT)
    # Without a rollout there are no figures of one.
    self.assertEqual({name for name in asked if name not in offered
                      and not name.startswith("firebreak_rollout_")}, set())
    families = set(re.findall(r"^# TYPE (\S+) ", offered, re.M))
    self.assertEqual({name for name in families if not any(one.startswith(name) for one in asked)},
                     set())

  def test_certificates_rows_and_disks_are_watched(self):
    values, agent = self.controller_values(), self.agent_values()
    ends = {name.split('"')[1]: value for name, value in values.items()
            if name.startswith("firebreak_certificate_end_timestamp_seconds")}
    now = time.time()
    self.assertEqual(set(ends), {"authority", "controller", "hosts"})
    for whose, end in ends.items():
      self.assertGreater(end, now + 24 * 3600, whose)
    self.assertEqual(agent["firebreak_agent_certificate_end_timestamp_seconds"], ends["hosts"])
    rows = len(json.loads(self.fleet.cli("audit", "-o", "json", check=0).stdout))
    self.assertEqual(self.controller_values()["firebreak_audit_rows"], rows)
    self.assertGreater(agent["firebreak_agent_state_free_bytes"], 1 << 20)
    self.assertEqual(agent["firebreak_agent_log_in_trouble"], 0)

  def test_what_is_dropped_and_logged_is_counted(self):
    self.log()
    node = self.node("web1")

    def changes():
      agent, controller = self.agent_values(), self.controller_values()
      now = {reason: agent.get(f'firebreak_agent_dropped_packets_total{{reason="{reason}"}}', 0)
             for reason in ("unsolicited", "impossible")}
      now.update({name: agent[f"firebreak_agent_log_{name}"]
                  for name in ("records_total", "records_lost_total", "records_spooled")})
      now["taken in"] = controller["firebreak_log_records_total"]
      return {name: value - before[name] for name, value in now.items()} if before else now

    before = {}
    before = changes()

    def send():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(37):
          sender.sendto(b"x", (node.ipv4(), 9))
      with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as sender:
        for port in range(5):  # segments with SYN and FIN
          sender.sendto(struct.pack(">HHIIBBHHH", 1024 + port, 22, 0, 0, 5 << 4, 3, 0, 0, 0),
                        (node.ipv4(), 0))
    self.fleet.outsider.inside(send)
    wanted = {"unsolicited": 37, "impossible": 5, "records_total": 42, "records_lost_total": 0,
              "records_spooled": 0, "taken in": 42}
    try:
      process.wait_until(lambda: changes() == wanted, "the figures are those of what was sent")
    except AssertionError as error:
      raise AssertionError(f"{error}: {changes()}") from error
    self.assertGreater(self.controller_values()["firebreak_log_bytes"], 0)
