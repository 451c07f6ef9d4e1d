# SPDX-License-Identifier: Apache-2.0
"""Programs of a host that ask its agent at its socket, in Python and in C++."""

import glob
import itertools
import json
import os
import shutil
import socket
import subprocess

from harness import case
from harness import fleet as fleets
from harness import policies
from harness import probe
from harness import process

_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
EXAMPLE = os.path.join(_ROOT, "docs", "local-api")
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
SOMEBODY = ["setpriv", "--reuid", "65533", "--regid", "65534", "--clear-groups"]
PYTHON = "/usr/bin/python3"  # which has Debian's python3-protobuf
_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "local_program.py")


class Program:
  """A program of the host that asks the agent, as root or as nobody."""

  def __init__(self, test, nobody=False, command=None, group=None, language="Python"):
    command = command or test.programs[language]

    def enter():
      if group is not None:
        with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as processes:
          processes.write(str(os.getpid()))

    self._program = subprocess.Popen(
        [*(NOBODY if nobody else []), *command], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=enter)
    test.addCleanup(self.end)

  @property
  def pid(self):
    return self._program.pid

  def line(self):
    return self._program.stdout.readline()

  def ask(self, **question):
    """Asks a Question; returns the Answer, or {"error": why}."""
    self._program.stdin.write(json.dumps(question) + "\n")
    self._program.stdin.flush()
    return json.loads(self.line())

  def mapping(self, **question):
    """Asks a LocalMappingQuestion; returns the LocalMappingAnswer, or {"error": why}."""
    answer = self.ask(local_mapping=question)
    return answer if "error" in answer else answer.get("local_mapping", {})

  def close_input(self):
    self._program.stdin.close()

  def end(self):
    if self._program.poll() is None:
      self._program.kill()
    self._program.wait()
    self._program.stdin.close()
    self._program.stdout.close()


def connect_as_nobody(path):
  connected = socket.socket(socket.AF_UNIX)
  os.setegid(65534)
  os.seteuid(65534)
  try:
    connected.connect(path)  # waits for room, as it has no timeout yet
  finally:
    os.seteuid(0)
    os.setegid(0)
  connected.settimeout(process.PATIENCE)
  return connected


def wish(port, **more):
  return {"mapping": {"protocol": "tcp", "ports": [str(port)]}, "reason": "a game",
          "seconds": 3600, **more}


class ProgramsCase(case.FleetCase):
  OPTIONS = {"agent_flags": ["--socket-group", "nogroup"]}
  _marks = itertools.count()

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.host = cls.fleet.hosts["web1"]
    cls.fleet.listen("web1", "tcp/8080", "tcp/8081")
    os.chmod(cls.host.state_directory, 0o711)
    os.chmod(cls.fleet.directory, 0o711)
    cls.messages = cls.fleet.path("messages")
    os.mkdir(cls.messages)
    protos = os.path.join(_ROOT, "proto")
    subprocess.run(["protoc", "-I", protos, "--python_out", cls.messages,
                    *glob.glob(os.path.join(protos, "firebreak", "v1", "*.proto"))], check=True)
    cls.programs = {"Python": [PYTHON, "-B", _PROGRAM, cls.host.socket, EXAMPLE, cls.messages]}
    if os.path.exists(fleets.program("local_program")):  # ready-made programs need not have it
      # To where nobody may read.
      cls.programs["C++"] = [shutil.copy(fleets.program("local_program"), cls.messages),
                             cls.host.socket]

  def level(self, level, more="", marked=True):
    """Starts again under a policy with this local_control, without anything of the host's own."""
    root = Program(self)
    for what in ({}, {"icmp": {}}, {"logging": {}}):
      root.ask(local_switch=what)
    known = root.mapping(list={})
    for one in known.get("open", []) + known.get("asked", []):
      root.mapping(remove=int(one["number"]))
    text = f"local_control: {level}\n" if level else ""
    self.fleet.apply(policies.policy("base", "all", text + 'firewall: "on"\n' + more))
    self.assertEqual(self.open(8080), False)
    if marked:
      self.told = self.rows_until_now(root)

  def rows_until_now(self, root):
    """How many rows the host has caused: events come in their order, and so a mark comes last."""
    mark = f"mark{next(self._marks)}"
    root.ask(local_switch={"mode": "off", "interface": mark})

    def marked():
      return any(f" on {mark}," in row["detail"] for row in self.rows())

    process.wait_until(marked, "the trail has all that was told until now")
    return len(self.rows())

  def rows(self):
    return [row for row in self.fleet.audit() if row["actor"] == "host/web1"]

  def trail(self, *actions):
    """Waits for rows with these actions that the host has caused since level()."""
    process.wait_until(lambda: len(self.rows()) >= self.told + len(actions), "rows of the trail")
    rows = self.rows()[self.told:]
    self.assertEqual([row["action"] for row in rows], list(actions), rows)
    return rows

  def states(self, port):
    """What an outsider finds at the port, over IPv4 and IPv6."""
    return {probe.tcp_one(self.fleet.outsider, address, port)
            for address in self.host.node.addresses()}

  def open(self, port):
    [state] = self.states(port)
    return state == "open"

  def wait_shut(self, port):
    process.wait_until(lambda: self.states(port) == {"filtered"}, f"port {port} is shut")

  def requests(self):
    return json.loads(self.fleet.cli("host", "requests", "web1", "-o", "json", check=0).stdout)

  def decide(self, verb, number, *more, check=0):
    return self.fleet.cli("host", verb, "web1", str(number), *more, check=check)

  def restart_agent(self):
    self.host.agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")
    process.wait_until(lambda: self.fleet.local("web1", "status").returncode == 0, "it answers")
