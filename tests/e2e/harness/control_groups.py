# SPDX-License-Identifier: Apache-2.0
"""Control groups of this machine, in which tests make units as systemd does."""


def mount():
  """Where this machine has cgroup v2; None: nowhere."""
  with open("/proc/self/mounts", encoding="utf-8") as mounts:
    for line in mounts:
      fields = line.split()
      if fields[2] == "cgroup2":
        return fields[1]
  return None
