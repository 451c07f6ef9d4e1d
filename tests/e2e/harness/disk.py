# SPDX-License-Identifier: Apache-2.0
"""File systems small enough to be filled."""

import os
import subprocess


def mount(scope, path, mebibytes):
  """Mounts an empty file system at the directory until `scope` is closed; returns its path."""
  subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700", "firebreak-test",
                  path], check=True)
  scope.callback(subprocess.run, ["umount", "--lazy", path], check=True)
  return path


def fill(directory):
  """Takes every free byte; returns the file that holds them."""
  path = os.path.join(directory, "filler")
  with open(path, "wb", buffering=0) as out:
    for size in (1 << 20, 4096, 1):
      try:
        while True:
          out.write(b"\0" * size)
      except OSError:
        pass
  return path
