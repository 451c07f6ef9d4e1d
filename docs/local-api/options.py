#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Says how this host's firewall stands, and lets others ping the host while this program runs.

  protoc -I proto --python_out=. proto/firebreak/v1/*.proto
  ./options.py

Run it as root, beside ask.py. Needs python3-protobuf. docs/local-api.md explains the protocol.
"""

import sys

from firebreak.v1 import host_pb2

import ask


def main(path="/run/firebreak/agent.sock"):
  agent = ask.Agent(path)
  for one in agent.ask(host_pb2.Question(interfaces={})).interfaces.interfaces:
    print(f"{one.interface.name}: firewall {one.state.firewall} at {one.state.location}")
  agent.switch(icmp={"messages": {"items": ["echo-request"]}}, reason="a test of the link")
  print("pings are answered", flush=True)
  sys.stdin.read()  # here the program would test; until its input ends
  agent.switch(icmp={})  # as the policies say
  print("as the policies say")


if __name__ == "__main__":
  main(*sys.argv[1:])
