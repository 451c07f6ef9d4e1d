# SPDX-License-Identifier: Apache-2.0
"""For switches and mappings from the command line, the verb's output, the host's status and the
packets agree.

With --slow, the test makes 500 random changes.
"""

import json
import os
import random

from harness import case
from harness import policies
from harness import probe
from harness import process

SLOW = bool(os.environ.get("FIREBREAK_SLOW"))
CHANGES = 500 if SLOW else 25

INTERFACES = 2
# No mapping opens the first port, so it shows whether there is a firewall.
PORTS = (80, 81, 82)


class Switches(case.FleetCase):
  HOSTS = {"a1": {"role": "a"}, "a2": {"role": "a"}, "b1": {"role": "b"}}
  OPTIONS = {"interfaces": INTERFACES}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    for host in cls.HOSTS:
      cls.fleet.listen(host, *(f"tcp/{port}" for port in PORTS))

  def setUp(self):
    self.fleet.apply(
        policies.group("a", "role", "a") + policies.group("b", "role", "b") +
        policies.policy("base", "all", 'local_control: allow\nfirewall: "on"'))
    self.addCleanup(self.start_anew)

  def start_anew(self):
    for edit in self.fleet.json("get", "edits"):
      self.fleet.cli("delete", "edit", edit["name"], check=0)
    for policy in self.fleet.json("get", "policies"):
      if policy["name"] != "base":
        self.fleet.cli("delete", "policy", policy["name"], check=0)
    for host in self.HOSTS:
      self.fleet.local(host, "switch", "clear")

  # --- What the program says

  def switch(self, *arguments):
    """The verb's exit status, what it says about each host and interface, and its errors."""
    done = self.fleet.cli(*arguments, "-o", "json")
    report = json.loads(done.stdout)
    told = {(host["host"], state["name"]): state.get("firewall", "")
            for host in report.get("hosts", []) for state in host.get("interfaces", [])}
    return done.returncode, told, done.stderr

  def by_status(self):
    """The state of each host and interface according to `host status`."""
    return {(host, state["name"]): state.get("firewall", "")
            for host in self.HOSTS
            for state in self.fleet.status(host).get("receipt", {}).get("interfaces", [])
            if state["name"].startswith("eth")}

  def settle(self):
    wanted = self.fleet.revision()
    for host in self.HOSTS:
      self.fleet.wait_status(
          host, lambda status: int(status.get("revision", 0)) >= wanted, f"has {wanted}")

  # --- What packets show

  def opened(self):
    """The open ports of each host and interface."""
    targets = {(self.node(host).ipv4(i), port): ((host, f"eth{i}"), port)
               for host in self.HOSTS for i in range(INTERFACES) for port in PORTS}
    states = probe.tcp(self.fleet.outsider, list(targets))
    found = {(host, f"eth{i}"): set() for host in self.HOSTS for i in range(INTERFACES)}
    for target, state in states.items():
      place, port = targets[target]
      if state == "open":
        found[place].add(port)
    return found

  def by_packets(self):
    """Whether there is a firewall on each host and interface."""
    return {place: "off" if PORTS[0] in ports else "on" for place, ports in self.opened().items()}

  def assert_all_say(self, wanted):
    self.settle()
    process.wait_until(lambda: self.by_status() == wanted, f"`host status` says {wanted}")
    self.assertEqual(self.by_packets(), wanted)

  # --- One change after the other

  def test_enable_a_group_does_not_pass_where_a_host_is_switched_off(self):
    self.assertEqual(self.switch("disable", "--host", "a1")[0], 0)
    status, told, error = self.switch("enable", "--group", "all")
    self.assertEqual(status, 1)
    self.assertEqual({place for place, mode in told.items() if mode == "off"},
                     {("a1", "eth0"), ("a1", "eth1")})
    self.assertRegex(error, "a1: eth0.* off, set by edit-[0-9]+; `firebreak switch clear --host a1`")
    self.assertEqual(self.switch("switch", "clear", "--host", "a1")[0], 0)
    self.assert_all_say({place: "on" for place in self.by_status()})

  def test_of_two_groups_the_newer_switch_holds_not_the_alphabet(self):
    self.assertEqual(self.switch("disable", "--group", "b")[0], 0)
    self.assertEqual(self.switch("enable", "--group", "all")[0], 0)
    self.assertEqual(self.switch("disable", "--group", "all")[0], 0)
    self.assertEqual(self.switch("enable", "--group", "b")[0], 0)
    self.assert_all_say({place: "on" if place[0] == "b1" else "off" for place in self.by_status()})

  def test_no_policy_stands_above_a_switch(self):
    self.fleet.apply(policies.policy("aaa", "all", 'firewall: "off"', priority=1000000))
    status, told, error = self.switch("enable", "--group", "a")
    self.assertEqual(status, 0, error)
    self.assertEqual(set(told.values()), {"on"})
    self.assert_all_say({place: "off" if place[0] == "b1" else "on" for place in self.by_status()})

  def test_the_hosts_own_switch_is_named(self):
    self.fleet.local("a2", "disable", "--reason", "a printer", check=0)
    status, _, error = self.switch("enable", "--host", "a2")
    self.assertEqual(status, 1)
    self.assertRegex(error, "a2: eth0.*switched on the host itself by root.*a printer")

  def test_clear_brings_an_observed_host_back_to_observing(self):
    self.fleet.apply(policies.policy("watch", '"host:b1"', "firewall: observe", priority=5))
    self.assertEqual(self.switch("disable", "--host", "b1")[0], 0)
    status, told, _ = self.switch("switch", "clear", "--host", "b1")
    self.assertEqual(status, 0)
    self.assertEqual({told["b1", "eth0"], told["b1", "eth1"]}, {"observe"})

  def test_a_switch_leaves_the_rest_of_an_unmanaged_host_open(self):
    self.fleet.cli("delete", "policy", "base", check=0)
    self.assertEqual(self.switch("enable", "--host", "a1", "--interface", "eth1")[0], 0)
    packets = self.by_packets()
    self.assertEqual(packets.pop(("a1", "eth1")), "on")
    self.assertEqual(set(packets.values()), {"off"})
    self.assertEqual(self.switch("switch", "clear", "--host", "a1")[0], 0)
    self.assertEqual(set(self.by_packets().values()), {"off"})
    self.assertEqual(self.fleet.status("a1")["rollout"], "unmanaged")

  def test_a_misspelt_interface_is_not_switched(self):
    status, _, error = self.switch("disable", "--host", "a1", "--interface", "eht0")
    self.assertEqual(status, 1)
    self.assertIn("no interface eht0", error)

  def test_a_block_on_one_interface_takes_away_a_mapping_for_all(self):
    self.fleet.cli("mapping", "add", "--group", "all", "--protocol", "tcp", "--ports", "81", check=0)
    self.fleet.cli("mapping", "add", "--group", "all", "--interface", "eth0", "--protocol", "tcp",
                   "--ports", "81", "--block", check=0)
    self.settle()
    self.assertEqual({place: 81 in ports for place, ports in self.opened().items()},
                     {(host, f"eth{i}"): i == 1 for host in self.HOSTS for i in range(INTERFACES)})

  # --- Random changes

  def assert_mappings_are_as_listed(self, opened):
    for (host, interface), ports in opened.items():
      if PORTS[0] in ports:
        continue  # there is no firewall
      listed = self.fleet.json("mapping", "list", "--host", host, "--interface", interface)
      wanted = set()
      for port in PORTS[1:]:
        actions = [entry["mapping"].get("action", "allow") for entry in listed
                   if str(port) in entry["mapping"].get("ports", [])]
        if actions and actions[0] == "allow":
          wanted.add(port)
      self.assertEqual(ports, wanted, f"{host} {interface}: {listed}")

  def change(self, rng):
    """Makes a random change; returns a description, and what the verb said about interfaces."""
    target = rng.choice([("--host", name) for name in self.HOSTS] +
                        [("--group", name) for name in ("all", "a", "b")])
    interface = rng.choice([(), (), ("--interface", "eth0"), ("--interface", "eth*")])
    port = str(rng.choice(PORTS[1:]))
    kind = rng.randrange(10)
    if kind < 5:
      verb = rng.choice([("enable",), ("disable",), ("switch", "clear")])
      status, told, error = self.switch(*verb, *target, *interface)
      asked = {"enable": "on", "disable": "off"}.get(verb[0])
      self.assertEqual(status == 0, asked is None or set(told.values()) == {asked}, error)
      return [*verb, *target, *interface], told
    if kind < 7:
      block = rng.choice([(), ("--block",)])
      name = f"{port}{'-no' if block else ''}"
      arguments = ["mapping", "add", *target, *interface, "--protocol", "tcp", "--ports", port,
                   "--name", f"p{name}", *block]
      self.fleet.cli(*arguments, "--wait", check=0)
      return arguments, {}
    if kind < 8:
      edits = [edit for edit in self.fleet.json("get", "edits") if "mapping" in edit]
      if edits:
        edit = rng.choice(edits)
        arguments = ["mapping", "remove", "--group", edit["group"], edit["mapping"]["name"]]
        if "interface" in edit:
          arguments += ["--interface", edit["interface"]]
        self.fleet.cli(*arguments, "--wait", check=0)
        return arguments, {}
    if kind < 9:
      mode = rng.choice(["on", "off"])
      text = policies.policy(f"p{rng.randrange(3)}", rng.choice(["all", "a", '"host:b1"']),
                             f'firewall: "{mode}"\n{policies.opened("tcp/" + port)}',
                             priority=rng.choice([-5, 0, 1000000]))
      self.fleet.apply(text)
      return text, {}
    host = rng.choice(list(self.HOSTS))
    arguments = rng.choice([["disable"], ["switch", "clear"], ["disable", "--interface", "eth1"]])
    self.fleet.local(host, *arguments)  # the agent refuses to end a part of a switch
    return [host, *arguments], {}

  def test_what_is_printed_is_what_is_said_is_what_holds(self):
    seed = int(os.environ.get("FIREBREAK_SEED", "0"))
    rng = random.Random(seed)
    for number in range(CHANGES):
      what, told = self.change(rng)
      with self.subTest(seed=seed, number=number, change=what):
        self.settle()
        opened = self.opened()
        holds = {place: "off" if PORTS[0] in ports else "on" for place, ports in opened.items()}
        process.wait_until(lambda: self.by_status() == holds, f"`host status` says {holds}")
        self.assertEqual(told, {place: holds.get(place) for place in told})
        self.assert_mappings_are_as_listed(opened)
