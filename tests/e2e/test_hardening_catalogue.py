# SPDX-License-Identifier: Apache-2.0
"""Each setting of the catalogue has a test that shows what comes of it."""

import importlib
import inspect
import json
import os
import re
import subprocess
import unittest

from harness import fleet as fleets

_HERE = os.path.dirname(__file__)


def _shown():
  """The settings, each with the tests that show it."""
  shown = {}
  for name in sorted(os.listdir(_HERE)):
    if not re.fullmatch(r"test_hardening\w*\.py", name):
      continue
    module = importlib.import_module(name[:-3])
    for owner in vars(module).values():
      if not inspect.isclass(owner) or owner.__module__ != module.__name__:
        continue
      for test in vars(owner).values():
        for setting in getattr(test, "shows", ()):
          shown.setdefault(setting, []).append(f"{owner.__name__}.{test.__name__}")
  return shown


class Catalogue(unittest.TestCase):

  def test_each_setting_is_shown(self):
    done = subprocess.run([fleets.program("firebreak"), "settings", "-o", "json"],
                          capture_output=True, text=True, check=True, timeout=60)
    settings = {one["name"] for one in json.loads(done.stdout)}
    self.assertEqual(set(_shown()), settings)
