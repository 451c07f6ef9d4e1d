"""The log, as the host's own file and as the controller have it."""

import json
import os

from harness import policies
from harness import process

HEADER = ["#Version: 1.5", "#Software: Firebreak ", "#Time Format: UTC", "#Fields: "]


def logging(path, **fields):
  """YAML of a policy that has what is dropped written to `path`, and more."""
  rest = "".join(f", {key}: {value}" for key, value in {"dropped": "true", **fields}.items())
  return f"logging: {{file: {path}{rest}}}\n"


def watched(path, **fields):
  """Policy files that let nothing into the web hosts and have that logged."""
  return (policies.group("web", "role", "web")
          + policies.policy("watched", "web", 'firewall: "on"\n' + logging(path, **fields)))


def read_file(path):
  """The records of a W3C file, oldest first, as dictionaries by the names of its #Fields."""
  records = []
  for name in (path + ".old", path):
    if not os.path.exists(name):
      continue
    fields = None
    with open(name, encoding="ascii") as lines:  # strict: nothing else may ever be in it
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
  """What the controller finds, oldest first."""
  return fleet.json("logs", *flags)


def wait(fleet, condition, what, *flags):
  """The controller's records, once `condition` holds for them."""
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
  """What the kernel's counter has counted."""
  objects = json.loads(node.run("nft", "-j", "list", "counters").stdout)["nftables"]
  return sum(one["counter"]["packets"] for one in objects
             if one.get("counter", {}).get("name") == counter
             and one["counter"]["table"] == "firebreak")
