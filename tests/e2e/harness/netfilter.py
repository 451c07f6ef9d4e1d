# SPDX-License-Identifier: Apache-2.0
"""Shows the kernel's side: the content of its tables and every change made to them."""

import itertools
import json
import os

from harness import process

TABLE = ["inet", "firebreak"]


def tables(node):
  return node.run("nft", "list", "tables").stdout.split("\n")


def has_table(node):
  return f"table {' '.join(TABLE)}" in tables(node)


def ruleset(node):
  """The ruleset with handles, which change if an object is removed and added again; no counts."""
  listing = json.loads(node.run("nft", "-j", "-a", "list", "ruleset").stdout)
  items = [item for item in listing["nftables"] if "metainfo" not in item]
  return _without(("packets", "bytes"), items)


def rules(node):
  """The ruleset independent of its history: without handles, and sorted, except for the rules of a
  chain."""
  chains = {}
  others = []
  for item in _without(("handle",), ruleset(node)):
    if "rule" in item:
      rule = item["rule"]
      chains.setdefault(f"{rule['family']} {rule['table']} {rule['chain']}", []).append(rule)
    else:
      for kind in ("set", "map"):
        if kind in item:
          item[kind].get("elem", []).sort(key=json.dumps)
      others.append(item)
  return chains, sorted(others, key=json.dumps)


def _without(keys, value):
  if isinstance(value, dict):
    return {key: _without(keys, item) for key, item in value.items() if key not in keys}
  if isinstance(value, list):
    return [_without(keys, item) for item in value]
  return value


class Monitor:
  """Runs `nft monitor` in a node. Marker tables show when it has started and has caught up."""

  _numbers = itertools.count()

  def __init__(self, node, log_directory):
    self._node = node
    path = os.path.join(log_directory, f"nft-monitor-{node.name}.log")
    self._process = process.Process(
        f"nft monitor in {node.name}", node.command("stdbuf", "-oL", "nft", "monitor"), path)
    # The first marker may come before the subscription, so a marker is made until one is seen.
    process.wait_until(self._seen_marker, "nft monitor reports")
    self._from = self._process.mark()

  def _seen_marker(self):
    name = self._mark()
    try:
      self._process.wait_for_line(f"delete table ip {name}", timeout=0.5)
      return True
    except AssertionError:
      if not self._process.running():
        raise
      return False

  def _mark(self):
    name = f"fbt_marker_{next(self._numbers)}"
    self._node.run("nft", f"add table ip {name}; delete table ip {name}")
    return name

  def changes(self):
    """The changes since the last call, without the lines that end each transaction."""
    after = self._process.mark()
    name = self._mark()
    self._process.wait_for_line(f"delete table ip {name}", after=after)
    lines = self._process.lines()
    news = lines[self._from:]
    self._from = len(lines)
    return [line for line in news
            if "fbt_marker_" not in line and not line.startswith("#") and line.strip()]

  def close(self):
    self._process.close()


def wait_for_change(monitor):
  """Waits until something has changed since the last look; returns the changes."""
  return process.wait_until(monitor.changes, "a change of the ruleset")
