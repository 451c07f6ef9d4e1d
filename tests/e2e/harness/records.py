# SPDX-License-Identifier: Apache-2.0
"""Reads the log, from the host's own file and from the controller."""

import json
import os

from harness import policies
from harness import process

HEADER = ["#Version: 1.5", "#Software: Firebreak ", "#Time Format: UTC", "#Fields: "]

_NEAR_ONE = 10  # the first number of a run whose first records a filter may have left out


def logging(path, **fields):
  """YAML for a policy that has dropped packets logged to `path`; `more` is added."""
  rest = "".join(f", {key}: {value}" for key, value in {"dropped": "true", **fields}.items())
  return f"logging: {{file: {path}{rest}}}\n"


def watched(path, **fields):
  """Policies that let nothing into the web hosts and have dropped packets logged."""
  return (policies.group("web", "role", "web")
          + policies.policy("watched", "web", 'firewall: "on"\n' + logging(path, **fields)))


def read_file(path):
  """The records of a W3C file, oldest first, as dictionaries by the names of its #Fields."""
  records = []
  for name in (path + ".old", path):
    if not os.path.exists(name):
      continue
    fields = None
    with open(name, encoding="ascii") as lines:  # strict: the file must contain nothing but ASCII
      for line in lines:
        assert line.endswith("\n"), line
        if line.startswith("#Fields: "):
          fields = line[len("#Fields: "):].split()
        elif not line.startswith("#"):
          values = line.rstrip("\n").split(" ")
          assert len(values) == len(fields), line
          records.append(dict(zip(fields, values)))
  return records


def search(fleet, *flags):
  """The records that the controller finds, oldest first."""
  return fleet.json("logs", *flags)


def wait(fleet, condition, what, *flags):
  """Waits until `condition` holds for the controller's records; returns them."""
  found = []

  def holds():
    found.append(search(fleet, *flags))
    return condition(found[-1])

  try:
    process.wait_until(holds, what)
  except AssertionError as error:
    raise AssertionError(f"{error}; there are {json.dumps(found[-1][-5:], indent=1)}") from error
  return found[-1]


def total(records, reason="unsolicited"):
  """(records of packets dropped for the reason, packets declared lost)."""
  dropped = sum(1 for one in records
                if one["action"] == "DROP" and one.get("reason") == reason)
  lost = sum(int(one["lost"]) for one in records
             if one["action"] == "INFO-EVENTS-LOST" and one.get("reason") == reason)
  return dropped, lost


def counted(node, counter="drop.unsolicited"):
  """The value of the kernel's counter."""
  objects = json.loads(node.run("nft", "-j", "list", "counters").stdout)["nftables"]
  return sum(one["counter"]["packets"] for one in objects
             if one.get("counter", {}).get("name") == counter
             and one["counter"]["table"] == "firebreak")


def repeated(found):
  """The number of a record of one host that is there twice, or None.

  In the order in which they arrive, numbers ascend; each run of an agent begins anew, near 1.
  """
  return repeated_number(int(one["sequence"]) for one in found if one.get("sequence", "0") != "0")


def repeated_number(numbers):
  before = 0
  for number in numbers:
    if _NEAR_ONE < number <= before:
      return number
    before = number
  return None
