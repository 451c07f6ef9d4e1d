# SPDX-License-Identifier: Apache-2.0
"""A controller, hosts with agents, an outsider: the programs as users run them."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from harness import cleanup
from harness import network
from harness import process

PORT = 7443
_TRAFFIC = os.path.join(os.path.dirname(__file__), "traffic.py")


def program(name):
  """The path of one of the programs; FIREBREAK_BIN is the directory below which they are."""
  folders = {
      "ask": "docs/local-api",
      "local_program": "tests/e2e/harness",
      "options": "docs/local-api",
      "firebreak": "cli",
      "firebreak-agent": "agent",
      "firebreak-agent-of-capability-1": "agent/variants",
      "firebreak-agent-without-limit": "agent/variants",
      "firebreak-beacon": "controller/beacon",
      "firebreak-controller": "controller",
  }
  return os.path.join(os.environ["FIREBREAK_BIN"], folders[name], name)


class Host:
  """A node and the agent on it."""

  def __init__(self, node, state_directory, labels):
    self.node = node
    self.name = node.name
    self.state_directory = state_directory
    self.labels = labels
    self.socket = os.path.join(state_directory, "agent.sock")
    self.agent = None  # harness.process.Process, once started


class Fleet:
  """A controller and hosts with everything that they need; close() leaves nothing behind.

  The controller is at .1 of every network, the outsider at .200, the hosts from .11 on.
  `bystanders` name nodes without an agent, from .201 on. `controller_directory` is where the
  controller keeps its data, if not in the fleet's directory. `clocks` maps nodes to clocks that
  differ from the true one (harness/clock.py); they do not apply to the CLI.
  """

  def __init__(self, hosts, controller_flags=(), agent_flags=(), interfaces=1,
               controller_directory=None, start=True, bystanders=(), clocks=None):
    self._scope = cleanup.Scope()
    try:
      self.directory = tempfile.mkdtemp(prefix=cleanup.PREFIX)
      self._scope.callback(shutil.rmtree, self.directory, ignore_errors=True)
      numbers = {"controller": 1, "outsider": 200}
      numbers.update({name: 11 + i for i, name in enumerate(hosts)})
      numbers.update({name: 201 + i for i, name in enumerate(bystanders)})
      self.network = network.Network(numbers, interfaces)
      self._scope.callback(self.network.close)
      self.controller_node = self.network.nodes["controller"]
      self.outsider = self.network.nodes["outsider"]
      self.bystanders = {name: self.network.nodes[name] for name in bystanders}
      self.controller_directory = controller_directory or self.path("controller")
      self.controller = None
      self._controller_flags = list(controller_flags)
      self._agent_flags = list(agent_flags)
      self._clocks = clocks or {}
      self._files = 0
      self._processes = []
      self.hosts = {}
      for name, labels in hosts.items():
        directory = self.path(f"state-{name}")
        os.mkdir(directory, 0o700)
        self.hosts[name] = Host(self.network.nodes[name], directory, labels)
      if start:
        self.start_controller()
        for name in self.hosts:
          self.enrol(name)
        for name in self.hosts:
          self.wait_online(name)
    except BaseException:
      self.close()
      raise

  def close(self):
    self._scope.close()

  def path(self, *parts):
    return os.path.join(self.directory, *parts)

  # --- Programs

  def spawn(self, name, command, environment=None):
    started = process.Process(name, command, self.path(f"{name}.log"), environment)
    self._scope.callback(started.close)
    self._processes.append(started)
    return started

  def start_controller(self):
    """Starts the controller; returns once it answers."""
    self.spawn_controller()
    process.wait_until(self._answers, "the controller answers")
    return self.controller

  def spawn_controller(self, port=PORT):
    node = self.controller_node
    self.controller = self.spawn("controller", node.command(
        *self._by_clock(node), program("firebreak-controller"), "--data-dir", self.controller_directory,
        "--listen", f"[::]:{port}", "--advertise", f"{node.ipv4()},{node.ipv6()}",
        *self._controller_flags))
    return self.controller

  def _by_clock(self, node):
    return self._clocks[node.name].command if node.name in self._clocks else []

  def _answers(self):
    if not self.controller.running():
      raise AssertionError("the controller ended:\n" + self.controller.tail())
    return os.path.exists(self.context) and self.cli("host", "list").returncode == 0

  @property
  def context(self):
    return os.path.join(self.controller_directory, "admin.yaml")

  def token(self, *flags):
    return self.cli("token", "create", *flags, check=0).stdout.strip()

  def enrol(self, name):
    """Starts the host's agent with a fresh token."""
    labels = self.hosts[name].labels
    flags = [flag for key, value in labels.items() for flag in ("--label", f"{key}={value}")]
    return self.start_agent(name, token=self.token(*flags))

  def start_agent(self, name, token=None, flags=(), controller=None, as_name=None,
                  variant="firebreak-agent"):
    host = self.hosts[name]
    arguments = [
        *self._by_clock(host.node), program(variant), "--controller",
        controller or f"{self.controller_node.ipv4()}:{PORT}",
        "--state-dir", host.state_directory, "--name", as_name or name, "--socket", host.socket,
        # The agent must not write this machine's own log.
        "--log-dir", self.path(f"log-{name}"), "--log-dir", self.directory,
    ]
    if token:
      path = self.write(token, ".token")
      arguments += ["--token-file", path]
    host.agent = self.spawn(
        f"agent-{name}", host.node.command(*arguments, *self._agent_flags, *flags))
    return host.agent

  def start_alone(self, name, *policy, flags=(), state_directory=None):
    """Starts the host's agent with the files `policy` and without a controller; returns once it
    answers, or has ended."""
    host = self.hosts[name]
    labels = [flag for key, value in host.labels.items() for flag in ("--label", f"{key}={value}")]
    host.agent = self.spawn(f"agent-{name}", host.node.command(
        program("firebreak-agent"), "--state-dir", state_directory or host.state_directory,
        "--name", name, "--socket", host.socket, "--log-dir", self.path(f"log-{name}"),
        "--log-dir", self.directory, *labels,
        *(flag for path in policy for flag in ("--policy", path)), *self._agent_flags, *flags))
    process.wait_until(
        lambda: not host.agent.running() or self.local(name, "status").returncode == 0,
        f"the agent of {name} answers")
    return host.agent

  def cli(self, *arguments, check=None, context=None, node=None, timeout=120, text_input=None):
    """Runs the CLI beside the controller, or in `node`; asserts that it exits with `check`."""
    done = subprocess.run(
        (node or self.controller_node).command(
            program("firebreak"), "--context", context or self.context, *arguments),
        capture_output=True, text=True, timeout=timeout, check=False, input=text_input)
    if check is not None and done.returncode != check:
      raise AssertionError(
          f"firebreak {' '.join(map(str, arguments))}: exit {done.returncode}, not {check}\n"
          f"{done.stdout}{done.stderr}")
    return done

  def local(self, name, *arguments, check=None, timeout=120):
    """Runs the CLI on the host, where it asks the agent."""
    host = self.hosts[name]
    done = subprocess.run(
        host.node.command(program("firebreak"), "--local", "--socket", host.socket, *arguments),
        capture_output=True, text=True, timeout=timeout, check=False)
    if check is not None and done.returncode != check:
      raise AssertionError(
          f"firebreak --local {' '.join(map(str, arguments))}: exit {done.returncode}, not "
          f"{check}\n{done.stdout}{done.stderr}")
    return done

  # --- Policy

  def write(self, text, suffix=".yaml"):
    self._files += 1
    path = self.path(f"{self._files}{suffix}")
    with open(path, "w", encoding="utf-8") as out:
      out.write(text)
    return path

  def apply(self, text, *flags, check=0):
    """Applies YAML and waits for the receipts."""
    return self.cli(
        "apply", "-f", self.write(text), "--wait", "--timeout", f"{process.PATIENCE}s", *flags,
        check=check)

  def revision(self):
    return int(self.json("version")["controller"].get("revision", 0))

  def policy(self, name):
    """The policy as the controller stores it."""
    return self.json("get", "policy", name)

  # --- State

  def json(self, *arguments):
    return json.loads(self.cli(*arguments, "-o", "json", check=0).stdout)

  def status(self, name):
    return self.json("host", "status", name)

  def wait_status(self, name, condition, what):
    """Waits until `condition` holds for the host's status; returns that status."""
    found = []

    def holds():
      found.append(self.status(name))
      return condition(found[-1])

    try:
      process.wait_until(holds, f"{name}: {what}")
    except AssertionError as error:
      raise AssertionError(f"{error}; it is {json.dumps(found[-1:], indent=1)}") from error
    return found[-1]

  def wait_online(self, name):
    def online():
      if not self.hosts[name].agent.running():
        raise AssertionError(f"the agent of {name} ended:\n{self.hosts[name].agent.tail()}")
      listed = {host["name"]: host for host in self.json("host", "list")}
      return listed.get(name, {}).get("state") == "online"

    process.wait_until(online, f"{name} is online")

  def audit(self):
    """The audit trail, oldest first, as dictionaries."""
    path = os.path.join(self.controller_directory, "firebreak.db")
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
      database.row_factory = sqlite3.Row
      return [dict(row) for row in database.execute("SELECT * FROM audit ORDER BY seq")]

  # --- Traffic

  def traffic(self, node, *arguments):
    """Starts traffic.py in `node`; returns it once it is under way."""
    started = self.spawn(
        f"{arguments[0]}-{node.name}", node.command(sys.executable, _TRAFFIC, *arguments))
    started.wait_for_line("^ready$")
    return started

  def listen(self, host, *specifications):
    return self.traffic(self.hosts[host].node, "listen", *specifications)

  def log_tails(self):
    """The ends of the logs of the last two processes of each name, before and after a restart."""
    by_name = {}
    for one in self._processes:
      by_name.setdefault(one.name, []).append(one)
    return "\n".join(f"  {one.name}:\n{one.tail()}"
                     for several in by_name.values() for one in several[-2:])


def report(traffic):
  """Returns what a flood, a transfer or a listener has counted."""
  return json.loads(traffic.ask("report", r"^\{.*\}$").string)
