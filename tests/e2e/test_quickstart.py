# SPDX-License-Identifier: Apache-2.0
"""deploy/quickstart --once shows it all and leaves nothing behind."""

import os
import re
import signal
import subprocess
import tempfile
import unittest

_SCRIPT = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "quickstart")


def _namespaces(pid):
  """Those that the script with this process id has made."""
  listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
  return [word for word in listed.stdout.split() if word.startswith(f"fbq-{pid}-")]


def _left(directory):
  """Processes that quickstart has started, by what their arguments name."""
  found = []
  for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
      with open(f"/proc/{pid}/cmdline", "rb") as text:
        arguments = text.read()
    except OSError:
      continue
    if directory.encode() in arguments:
      found.append((pid, arguments))
  return found


class Quickstart(unittest.TestCase):

  def setUp(self):
    # Its state directory goes below TMPDIR: what names it belongs to this run.
    made = tempfile.TemporaryDirectory(prefix="fbt-quickstart-")
    self.addCleanup(made.cleanup)
    self.directory = made.name
    self.environment = dict(os.environ, TMPDIR=self.directory, NO_COLOR="1")

  def start(self, *arguments):
    # In a session of its own, as in a terminal of its own.
    started = subprocess.Popen([_SCRIPT, *arguments], cwd="/", env=self.environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    self.addCleanup(started.stdout.close)
    self.addCleanup(started.wait)
    self.addCleanup(started.terminate)
    return started

  def assert_nothing_left(self, pid):
    self.assertEqual(_namespaces(pid), [])
    self.assertEqual(os.listdir(self.directory), [])
    self.assertEqual(_left(self.directory), [])

  def test_once_exits_0_shows_before_and_after_and_leaves_nothing(self):
    started = self.start("--once")
    shown, _ = started.communicate(timeout=300)
    self.assertEqual(started.returncode, 0, shown)
    before, _, after = shown.partition("after")
    self.assertGreater(len(re.findall(r"\bopen\b", before)), len(re.findall(r"\bopen\b", after)))
    self.assertNotIn("filtered", before)
    self.assertIn("filtered", after)
    self.assertRegex(after, r"web-1 +DROP +TCP +10\.88\.0\.200:\d+ +10\.88\.0\.11:22 .*unsolicited")
    # The plan tells it, and the rollout takes it back by itself.
    self.assertRegex(after, r"closed +in +tcp/443 from anywhere")
    self.assertIn("probe https from db-1", after)
    self.assertRegex(after, r"state +undone")
    self.assert_nothing_left(started.pid)

  def test_ctrl_c_takes_all_of_it_down(self):
    started = self.start()
    seen = []
    for line in started.stdout:
      seen.append(line)
      if "Ctrl-C" in line:
        break
    else:
      self.fail("".join(seen))
    self.assertNotEqual(_left(self.directory), [])
    self.assertNotEqual(_namespaces(started.pid), [])
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does
    started.communicate(timeout=30)
    self.assert_nothing_left(started.pid)
