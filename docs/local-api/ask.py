#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asks this host's Firebreak agent to let TCP connections in at a port while this program runs.

  protoc -I proto --python_out=. proto/firebreak/v1/*.proto
  ./ask.py 8080 "a demonstration"

Needs python3-protobuf. docs/local-api.md explains the protocol.
"""

import socket
import struct
import sys
import time

from firebreak.v1 import host_pb2


class Agent:
  """A connection to the agent's socket. Raises OSError, or RuntimeError with the agent's reason."""

  def __init__(self, path="/run/firebreak/agent.sock"):
    self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    self._socket.connect(path)
    self._last_id = 0

  def ask(self, question):
    """Sends a host_pb2.Question; returns all parts of the answer as one host_pb2.Answer."""
    self._last_id += 1
    question.id = self._last_id
    message = question.SerializeToString()
    self._socket.sendall(struct.pack(">I", len(message)) + message)
    answer = host_pb2.Answer()
    while not answer.last:
      (length,) = struct.unpack(">I", self._read(4))
      answer.MergeFromString(self._read(length))
    for why in (answer.error, answer.local_mapping.refused, answer.local_switch.refused):
      if why:
        raise RuntimeError(why)
    return answer

  def mapping(self, **what):
    """Asks one LocalMappingQuestion, as in mapping(list={}); returns the LocalMappingAnswer."""
    return self.ask(host_pb2.Question(local_mapping=what)).local_mapping

  def switch(self, **what):
    """Asks one LocalSwitchQuestion, as in switch(mode="off"); returns the LocalSwitchAnswer."""
    return self.ask(host_pb2.Question(local_switch=what)).local_switch

  def _read(self, count):
    data = b""
    while len(data) < count:
      chunk = self._socket.recv(count - len(data))
      if not chunk:
        raise ConnectionError("the agent has closed the connection")
      data += chunk
    return data


def main(port, reason, path="/run/firebreak/agent.sock"):
  agent = Agent(path)
  number = agent.mapping(ask={
      "mapping": {"protocol": "tcp", "ports": [port]},
      "reason": reason,
      "unit": "process",  # it ends with this program
  }).number
  print(f"request {number} waits for an administrator", flush=True)
  while True:
    known = agent.mapping(list={})
    if any(one.number == number for one in known.open):
      print(f"request {number} is granted", flush=True)
      break
    if not any(one.number == number for one in known.asked):
      sys.exit(f"request {number} is refused")
    time.sleep(1)
  sys.stdin.read()  # here the program would serve; until its input ends


if __name__ == "__main__":
  main(*sys.argv[1:])
