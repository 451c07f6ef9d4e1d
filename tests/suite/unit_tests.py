# SPDX-License-Identifier: Apache-2.0
"""Runs Bazel's tests and counts their cases from the report of each target."""

import dataclasses
import json
import os
import re
import shlex
import signal
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree


_IN_PART = 3  # bazel query --keep_going: some packages could not be loaded


@dataclasses.dataclass
class Count:
  passed: int = 0
  failures: list = dataclasses.field(default_factory=list)  # (name, what is known about it)


def _bazel(command, *arguments):
  startup = shlex.split(os.environ.get("BAZEL_STARTUP", ""))
  options = shlex.split(os.environ.get("BAZEL_OPTIONS", ""))
  # Bazel prints whole lines, because lines of other tests may come in between.
  progress = ["--show_progress", "--curses=no", "--show_progress_rate_limit=20"]
  return ["bazel", *startup, command, "--config=opt", *options, *progress, *arguments]


class Run:
  """Builds all programs and runs all tests in the background; use it as a context manager.

  With a pattern, only the tests whose labels contain it.
  """

  def __init__(self, pattern):
    self._count = Count()
    self._process = None
    self._events = tempfile.NamedTemporaryFile(prefix="fbt-", suffix=".json")
    # //... is not used: it makes each library a target of its own, which is then compiled a second
    # time for shared linking.
    kinds = "tests(//...)" if pattern else "tests(//...) + kind(cc_binary, //...)"
    labels, problems = _labels(f"({kinds}) except attr(tags, manual, //...)")
    if problems:
      self._count = Count(failures=[("bazel query", problems)])
      return
    targets = [label for label in labels if re.search(pattern, label, re.IGNORECASE)]
    if targets:
      command = _bazel("test", "--keep_going", "--test_output=errors",
                       f"--build_event_json_file={self._events.name}", *targets)
      print("$", shlex.join(command), flush=True)
      self._process = subprocess.Popen(command)

  def __enter__(self):
    return self

  def __exit__(self, *_):
    """Ends Bazel if it is still running."""
    if self._process and self._process.poll() is None:
      self._process.send_signal(signal.SIGINT)
      self._process.wait()
    self._events.close()

  def finish(self):
    """Waits for the end of the run, and returns the Count."""
    if self._process:
      self._count = _read(self._events.name, self._process.wait())
      self._process = None
    return self._count


def _labels(query):
  """Returns (labels, the reason why some could not be found)."""
  startup = shlex.split(os.environ.get("BAZEL_STARTUP", ""))
  done = subprocess.run(["bazel", *startup, "query", "--keep_going", query],
                        capture_output=True, text=True, check=False)
  # Bazel's links into its own output look like packages to a server that did not make them.
  labels = [label for label in done.stdout.split() if not label.startswith("//bazel-")]
  errors = [line for line in done.stderr.splitlines()
            if line.startswith("ERROR") and "bazel-" not in line]
  if errors or done.returncode not in (0, _IN_PART):
    return [], "\n".join(errors) or done.stderr
  return labels, ""


def _read(path, status):
  count = Count()
  with open(path, encoding="utf-8") as lines:
    for line in lines:
      event = json.loads(line)
      identity = event.get("id", {})
      if "testResult" in identity and "testResult" in event:
        _read_result(identity["testResult"]["label"], event["testResult"], count)
      elif "targetCompleted" in identity and not event.get("completed", {}).get("success"):
        count.failures.append((identity["targetCompleted"]["label"], "did not build"))
  # Exit status 3 means that everything was built and some test failed. Any other failure that is
  # not reported above counts as one failure.
  if status != 0 and not count.failures:
    count.failures.append(("bazel test", f"exit {status}"))
  return count


def _read_result(label, result, count):
  files = {one["name"]: one["uri"].removeprefix("file://")
           for one in result.get("testActionOutput", []) if "uri" in one}
  cases = []
  try:
    cases = list(ElementTree.parse(files["test.xml"]).iter("testcase"))
  except (KeyError, OSError, ElementTree.ParseError):
    pass  # a target that is killed at its time limit leaves no report
  failed = 0
  for case in cases:
    if case.find("failure") is not None or case.find("error") is not None:
      failed += 1
      name = f"{label} {case.get('classname')}.{case.get('name')}"
      count.failures.append((name, "see " + files.get("test.log", "Bazel's output")))
    elif case.find("skipped") is not None:
      # A skipped test counts as failed: what was not run has not been shown to work.
      failed += 1
      count.failures.append((f"{label} {case.get('classname')}.{case.get('name')}", "skipped"))
    elif case.get("status") != "notrun":
      count.passed += 1
  if result["status"] not in ("PASSED", "FLAKY") and not failed:
    count.failures.append((label, result["status"]))
  elif result["status"] == "PASSED" and not cases:
    count.passed += 1
