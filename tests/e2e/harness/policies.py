# SPDX-License-Identifier: Apache-2.0
"""Policy files as text, among them very long ones."""

GROUP = """\
kind: Group
name: {name}
match: {{{key}: {value}}}
---
"""


def group(name, key, value):
  return GROUP.format(name=name, key=key, value=value)


def policy(name, groups, body, priority=0):
  """`body` is YAML with the policy's other fields."""
  return f"kind: Policy\nname: {name}\ngroups: [{groups}]\npriority: {priority}\n{body}\n---\n"


def mapping(protocol, ports, **fields):
  rest = "".join(f", {key}: {value}" for key, value in fields.items())
  return f"  - {{protocol: {protocol}, ports: {ports}{rest}}}\n"


def opened(*specifications):
  """Returns port_mappings for specifications such as "tcp/80" or "udp/1000-2000"."""
  lines = [mapping(*text.split("/")) for text in specifications]
  return "port_mappings:\n" + "".join(lines)


def many(ports):
  """A mapping for each port; give ports that are not adjacent, so that none can be joined."""
  return "".join(mapping("tcp", port) for port in ports)
