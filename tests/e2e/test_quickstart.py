"""deploy/quickstart --once shows it all and leaves nothing behind."""

import os
import re
import signal
import subprocess
import tempfile
import unittest

_SCRIPT = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "quickstart")


def _namespaces():
  listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
  return set(listed.stdout.split()) - {"(id:"}


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
    self.before = {one for one in _namespaces() if one.startswith("fbq-")}

  def assert_nothing_left(self):
    after = {one for one in _namespaces() if one.startswith("fbq-")}
    self.assertEqual(after - self.before, set())
    self.assertEqual(os.listdir(self.directory), [])
    self.assertEqual(_left(self.directory), [])

  def test_once_exits_0_shows_before_and_after_and_leaves_nothing(self):
    done = subprocess.run([_SCRIPT, "--once"], cwd="/", env=self.environment, capture_output=True,
                          text=True, timeout=300, check=False)
    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
    before, _, after = done.stdout.partition("after")
    self.assertGreater(len(re.findall(r"\bopen\b", before)), len(re.findall(r"\bopen\b", after)))
    self.assertNotIn("filtered", before)
    self.assertIn("filtered", after)
    self.assert_nothing_left()

  def test_ctrl_c_takes_all_of_it_down(self):
    started = subprocess.Popen([_SCRIPT], cwd="/", env=self.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, start_new_session=True)
    self.addCleanup(started.stdout.close)
    seen = []
    for line in started.stdout:
      seen.append(line)
      if "Ctrl-C" in line:
        break
    else:
      self.fail("".join(seen))
    self.assertNotEqual(_left(self.directory), [])
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does
    started.stdout.read()
    started.wait(30)
    self.assert_nothing_left()
