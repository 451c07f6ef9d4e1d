# SPDX-License-Identifier: Apache-2.0
"""A policy's `hardening`: what the kernel is set to, watched over, and given back."""

import json
import os
import re

from harness import case
from harness import fleet as fleets
from harness import netfilter
from harness import policies
from harness import process
from harness import stack

_OFF = policies.policy("subject", "all", 'firewall: "on"')


def _hardened(body, more=""):
  return policies.policy("subject", "all", f'firewall: "on"\nhardening: {body}\n{more}')


# By the kernel's documentation, not by the catalogue: what each preset comes to.
_EXPECTED = {
    "recommended": {
        "net/ipv4/tcp_syncookies": "1", "net/ipv4/tcp_synack_retries": "2",
        "net/ipv4/tcp_retries2": "6", "net/ipv4/ip_no_pmtu_disc": "0",
        "net/ipv4/tcp_keepalive_time": "300", "net/ipv4/conf/eth0/accept_redirects": "0",
        "net/ipv4/conf/all/accept_redirects": "0", "net/ipv4/conf/default/send_redirects": "0",
        "net/ipv6/conf/eth0/accept_redirects": "0", "net/ipv4/conf/eth0/secure_redirects": "0",
        "net/ipv4/conf/all/accept_source_route": "0",
        "net/ipv6/conf/eth0/accept_source_route": "-1", "net/ipv4/ip_forward": "0",
        "net/ipv4/conf/all/rp_filter": "2", "net/ipv4/conf/eth0/rp_filter": "2",
        "net/ipv4/tcp_rfc1337": "1", "net/ipv4/tcp_fin_timeout": "30",
        "net/ipv4/icmp_echo_ignore_broadcasts": "1",
    },
    "strict": {
        "net/ipv4/conf/eth0/rp_filter": "1", "net/ipv4/conf/all/log_martians": "1",
        "net/ipv4/conf/eth0/arp_ignore": "1", "net/ipv4/conf/default/arp_announce": "2",
        "net/ipv6/icmp/echo_ignore_multicast": "1", "net/ipv4/tcp_fin_timeout": "15",
    },
    "original": {
        "net/ipv4/ip_no_pmtu_disc": "1", "net/ipv6/conf/eth0/mtu": "1280",
        "net/ipv4/tcp_retries2": "2", "net/ipv4/tcp_keepalive_time": "300",
        "net/ipv4/tcp_rfc1337": "0",
    },
}


class Hardening(case.FleetCase):

  def setUp(self):
    self.host = self.node("web1")
    self.fleet.apply(_OFF)
    self.found = stack.settings(self.host)

  def wanted(self):
    """What the host says that is wanted, by name below /proc/sys."""
    answer = json.loads(self.fleet.local("web1", "settings", "-o", "json", check=0).stdout)
    return {one["name"].translate(str.maketrans("./", "/.")): one
            for one in answer if one.get("setting") and one.get("wanted")}

  def wait_setting(self, name, value):
    process.wait_until(lambda: stack.get(self.host, name) == value, f"{name} is {value}")

  def assert_given_back(self):
    self.fleet.apply(_OFF)
    now = stack.settings(self.host)
    self.assertEqual({name: (value, now.get(name)) for name, value in self.found.items()
                      if now.get(name) != value}, {})

  def test_presets_are_set_watched_over_and_given_back(self):
    for preset, expected in _EXPECTED.items():
      with self.subTest(preset=preset):
        self.fleet.apply(_hardened(f"{{preset: {preset}}}"))
        now = stack.settings(self.host)
        for name, value in expected.items():
          self.assertEqual(now.get(name), value, name)
        self.check_watched_over(now)
    self.assert_given_back()

  def check_watched_over(self, now):
    """Asserts that all is as wanted, that what was found is known, and that changes are undone."""
    # Rules and the detector are no values of the kernel.
    wanted = {name: one for name, one in self.wanted().items() if "/" in name}
    wrong = {name: one for name, one in wanted.items() if now.get(name) != one["wanted"] and
             not re.search("not supported|may not set", one.get("problem", ""))}
    self.assertEqual(wrong, {})
    for name, one in wanted.items():
      if name in self.found and one.get("before"):
        self.assertEqual(one["before"], self.found[name], name)
    for name, one in wanted.items():
      if now.get(name) == one["wanted"]:
        stack.put(self.host, name, "1" if one["wanted"] == "0" else "0"
                  if "/mtu" not in name else "1400")
    for name, one in wanted.items():
      if now.get(name) == one["wanted"]:
        self.wait_setting(name, one["wanted"])

  def test_every_setting_is_set_watched_over_and_given_back(self):
    """Each with a value that the kernel does not begin with."""
    catalogue = json.loads(self.fleet.cli("settings", "-o", "json", check=0).stdout)
    values = {}
    for one in catalogue:
      least, most = int(one.get("least", 0)), int(one["most"])
      values[one["name"]] = most if int(one.get("kernel_default", -1)) == least else least
    # Connections of the agent's own must survive a lost packet.
    values.update(tcp_max_data_retransmissions=5, enable_dynamic_backlog=1)
    settings = ", ".join(f"{name}: {value}" for name, value in values.items())
    self.fleet.apply(_hardened(f"{{settings: {{{settings}}}}}"))
    process.wait_until(lambda: stack.get(self.host, "net/core/somaxconn") == "1",
                       "the backlog is within its bounds")
    self.check_watched_over(stack.settings(self.host))
    self.assertEqual({one["setting"] for one in self.wanted().values()}, set(values))
    self.assert_given_back()

  def test_what_others_change_is_told(self):
    self.fleet.apply(_hardened("{settings: {tcp_rfc1337: 1}}"))
    stack.put(self.host, "net/ipv4/tcp_rfc1337", "0")
    self.wait_setting("net/ipv4/tcp_rfc1337", "1")
    status = self.fleet.wait_status(
        "web1", lambda one: int(one["facts"].get("stack", {}).get("changed_by_others", 0)) > 0,
        "tells that others changed a setting")
    self.assertNotIn("settings_wrong", status["facts"]["stack"])
    process.wait_until(
        lambda: [row for row in self.fleet.audit() if row["action"] == "setting changed" and
                 "tcp_rfc1337" in row["detail"] and row["result"] == "undone"], "the trail tells")

  def test_a_change_that_no_file_tells_of_is_put_back(self):
    """Another mount of /proc has other inodes; the kernel tells of some values itself."""
    self.fleet.apply(_hardened("{settings: {rp_filter: 1, tcp_rfc1337: 1}}"))
    elsewhere = lambda name, value: self.host.run(
        "unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c",
        f"echo {value} > /proc/sys/{name}")
    elsewhere("net/ipv4/conf/eth0/rp_filter", 0)
    self.wait_setting("net/ipv4/conf/eth0/rp_filter", "1")
    if os.environ.get("FIREBREAK_SLOW"):
      elsewhere("net/ipv4/tcp_rfc1337", 0)
      process.wait_until(lambda: stack.get(self.host, "net/ipv4/tcp_rfc1337") == "1",
                         "it is noticed within a minute", timeout=2 * process.PATIENCE)

  def test_what_is_not_enforced_is_only_told(self):
    self.fleet.apply(_hardened("{settings: {tcp_fin_timeout: 30}, enforce: false}"))
    stack.put(self.host, "net/ipv4/tcp_fin_timeout", "31")
    self.fleet.wait_status(
        "web1", lambda one: one["facts"].get("stack", {}).get("settings_wrong") == 1,
        "tells that a setting is not as the policy says")
    self.assertEqual(stack.get(self.host, "net/ipv4/tcp_fin_timeout"), "31")
    stack.put(self.host, "net/ipv4/tcp_fin_timeout", "30")
    self.assert_given_back()

  def test_forwarding_under_sharing_is_put_back(self):
    self.fleet.apply(policies.policy(
        "subject", "all", "sharing: {public: eth0, private: [eth9]}"))
    self.wait_setting("net/ipv4/ip_forward", "1")
    stack.put(self.host, "net/ipv4/ip_forward", "0")
    self.wait_setting("net/ipv4/ip_forward", "1")
    self.assert_given_back()

  def test_an_interface_that_comes_later_is_set_and_given_back(self):
    self.fleet.apply(_hardened(
        "{preset: strict}",
        "interfaces: [{match: {names: ['late*']}, hardening: {settings: {rp_filter: 0}}}]"))
    self.host.run("ip", "link", "add", "late0", "type", "veth", "peer", "name", "other0")
    self.addCleanup(self.host.run, "ip", "link", "delete", "late0")
    # With one that a section is about, "all" says nothing, and the section's value is what holds.
    self.wait_setting("net/ipv4/conf/all/rp_filter", "0")
    self.wait_setting("net/ipv4/conf/late0/rp_filter", "0")
    self.wait_setting("net/ipv4/conf/other0/arp_ignore", "1")
    self.assertNotEqual(stack.get(self.host, "net/ipv4/conf/eth0/rp_filter"), "0")
    self.assert_given_back()
    self.assertEqual(stack.get(self.host, "net/ipv4/conf/other0/arp_ignore"), "0")

  def test_strict_becomes_loose_where_packets_come_by_several_ways(self):
    self.fleet.apply(_hardened("{preset: strict}"))
    self.wait_setting("net/ipv4/conf/eth0/rp_filter", "1")
    self.host.run("ip", "link", "add", "second0", "type", "veth", "peer", "name", "second1")
    self.addCleanup(self.host.run, "ip", "link", "delete", "second0")
    for name in ("second0", "second1"):
      self.host.run("ip", "link", "set", name, "up")
    self.host.run("ip", "address", "add", "198.51.100.1/24", "dev", "second0")
    self.wait_setting("net/ipv4/conf/eth0/rp_filter", "2")
    status = self.fleet.wait_status(
        "web1", lambda one: one["facts"].get("stack", {}).get("problems"), "says why")
    self.assertIn("several interfaces", status["facts"]["stack"]["problems"][0])

  def test_a_host_that_is_released_has_what_was_found(self):
    host = self.fleet.hosts["web1"]
    self.fleet.apply(_hardened("{preset: strict}"))
    host.agent.stop()
    self.host.run(
        fleets.program("firebreak-agent"), "--state-dir", host.state_directory, "--release")
    self.assertFalse(netfilter.has_table(self.host))
    now = stack.settings(self.host)
    self.assertEqual({name: (value, now.get(name)) for name, value in self.found.items()
                      if now.get(name) != value}, {})
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    self.wait_setting("net/ipv4/tcp_fin_timeout", "15")

  def test_a_plan_tells_of_settings(self):
    self.fleet.apply(_hardened("{preset: recommended}"))
    done = self.fleet.cli("plan", "-f", self.fleet.write(
        _hardened("{preset: recommended, settings: {keep_alive_time: 60000}}")), check=5)
    self.assertRegex(done.stdout, r"hardening\.keep_alive_time.*300000.*60000")

  def test_mistakes_are_refused(self):
    self.assert_refused(_hardened("{settings: {tcp_max_half_open: 50}}"),
                        "tcp_max_half_open: 50 is out of range: it goes from 100 to 65535")
    self.assert_refused(_hardened("{settings: {rp_filtre: 1}}"), 'did you mean "rp_filter"')
    self.assert_refused(
        _hardened("{}", "interfaces: [{match: {names: [eth0]}, hardening: "
                        "{settings: {keep_alive_time: 60000}}}]"), "holds for the whole host")
    self.assert_refused(
        _hardened("{settings: {minimum_dynamic_backlog: 9, maximum_dynamic_backlog: 8}}"),
        "is more than maximum_dynamic_backlog")

  def test_contradictions_of_two_policies_are_said(self):
    router = policies.policy(
        "router", "all", "sharing: {public: eth0, private: [eth9]}", priority=1)
    base = _hardened("{settings: {ip_enable_router: 0}}")
    self.addCleanup(self.fleet.cli, "delete", "policy", "router")
    self.fleet.apply(base)
    planned = self.fleet.cli("plan", "-f", self.fleet.write(router))
    done = self.fleet.apply(router)
    for text in (planned.stdout + planned.stderr, done.stdout + done.stderr):
      self.assertIn('host web1: Policy/subject says ip_enable_router 0, but Policy/router has '
                    '"sharing"', text)
    self.wait_setting("net/ipv4/ip_forward", "1")
    again = self.fleet.apply(router)
    self.assertNotIn("ip_enable_router", again.stdout + again.stderr)

  def test_one_setting_of_a_host(self):
    self.fleet.apply(_hardened("{settings: {rp_filter: 1, no_name_release_on_demand: 1}}"))
    asked = {
        "its own": lambda name: self.fleet.local("web1", "settings", name, "-o", "json"),
        "fleet": lambda name: self.fleet.cli(
            "host", "settings", "web1", "--setting", name, "-o", "json"),
    }
    for who, ask in asked.items():
      with self.subTest(who):
        values = {one["name"]: one for one in json.loads(ask("rp_filter").stdout)}
        self.assertEqual(set(values), {f"net.ipv4.conf.{name}.rp_filter"
                                       for name in ("all", "default", "lo", "eth0")})
        one = values["net.ipv4.conf.eth0.rp_filter"]
        self.assertEqual((one["wanted"], one["found"], one["before"], one["policy"]),
                         ("1", "1", "0", "subject"))
        rule, = json.loads(ask("no_name_release_on_demand").stdout)
        self.assertEqual((rule["wanted"], rule["policy"]), ("1", "subject"))
        unwanted, = json.loads(ask("tcp_fin_timeout").stdout)
        self.assertEqual(unwanted["found"], "60")
        self.assertNotIn("wanted", unwanted)
        self.assertIn('did you mean "rp_filter"', ask("rp_filtre").stderr)

  def test_contradictions_are_said(self):
    done = self.fleet.apply(policies.policy(
        "subject", "all", "sharing: {public: eth0, private: [eth9]}\n"
        "hardening: {settings: {ip_enable_router: 0}}"))
    self.assertIn('ip_enable_router 0, but the policy has "sharing"', done.stdout + done.stderr)
    self.wait_setting("net/ipv4/ip_forward", "1")
