# SPDX-License-Identifier: Apache-2.0
"""What another firewall's configuration becomes lets the same packets pass, in the kernel.

Each directory of `imports` is one configuration, after the manner of a real tool's output. Where
another program writes the rules (ufw, firewalld), `original` has what that program made of the
configuration: imports/record says how.
"""

import os
import random
import re

from harness import case
from harness import fleet as fleets
from harness import import_probes
from harness import import_world
from harness import process

_FOLDER = os.path.join(os.path.dirname(__file__), "imports")
_SLOW = bool(os.environ.get("FIREBREAK_SLOW"))
_PROBES = 1000 if _SLOW else 100

# Ports with limits: beyond the burst both count a little differently.
_SPARING = {
    "iptables-web": (22,), "iptables-database": (22, 5433), "nft-mail": (22, 25, 465, 587),
    "ufw-limit": (22, 2222), "iptables-puppet": (2375,),
}

# Ports that the configuration sends on wherever they are sent.
_SENT_ON = {"firewalld-gateway": (8080, 8443)}

# The host reaches its controller whatever the configuration says.
_CONTROLLER = """\
kind: Policy
name: controller
groups: [all]
priority: 100
outbound: {allow: [{protocol: tcp, ports: 7443}]}
"""


def _files(folder):
  for parent, _, names in sorted(os.walk(folder)):
    for name in sorted(names):
      yield os.path.join(parent, name)


def _read(path):
  with open(path, encoding="utf-8") as file:
    return file.read()


class Import(case.FleetCase):
  HOSTS = {"subject": {}}
  OPTIONS = {"interfaces": 3, "bystanders": ("original",)}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    outsider = cls.fleet.outsider
    cls.subject = import_world.Subject(cls.fleet.hosts["subject"].node, outsider)
    cls.original = import_world.Subject(cls.fleet.bystanders["original"], outsider)

  def load_original(self, name):
    """Lets the tool itself put its rules into the original's namespace."""
    folder = os.path.join(_FOLDER, name)
    self.original.clear()
    node = self.original.node
    if os.path.isdir(os.path.join(folder, "original")):
      folder = os.path.join(folder, "original")
    for file, program in (("rules.v4", "iptables-restore"), ("rules.v6", "ip6tables-restore")):
      path = os.path.join(folder, file)
      if os.path.exists(path):
        node.run(program, path)
    path = os.path.join(folder, "nftables.conf")
    if os.path.exists(path):
      # Debian's nft is older than `destroy`, which means the same here.
      text = re.sub(r"(?m)^destroy .*$", "", _read(path))
      text = re.sub(r"(?m)^flush ruleset$", "", text)
      node.run("nft", "-I", folder, "-f", "-", text_input=text)

  def translate(self, name):
    """Returns what `firebreak import` prints."""
    kind = name.partition("-")[0]
    path = os.path.join(_FOLDER, name)
    done = self.fleet.cli("import", kind, path, "--group", "all")
    self.assertIn(done.returncode, (0, 1), done.stderr)
    unsaid = re.search(r"(?m)^# (\d+) of (\d+) statements", done.stdout)
    self.assertEqual(done.returncode, 1 if unsaid else 0)
    return done.stdout

  def compare(self, name):
    self.load_original(name)
    text = self.translate(name)
    self.fleet.apply(_CONTROLLER + "---\n" + text, "--set", "imported", "--prune")
    texts = [_read(path) for path in _files(os.path.join(_FOLDER, name))]
    seed = int(os.environ.get("FIREBREAK_SEED", "1"))
    generator = import_probes.Generator(random.Random(f"{name} {seed}"), texts,
                                        _SPARING.get(name, ()), self.is_v4_alone(name),
                                        self.private(text), _SENT_ON.get(name, ()))
    self.subject.judge()
    self.original.judge()
    probes = [generator.draw() for _ in range(_PROBES)]
    for host in (self.original, self.subject):
      host.send(probes)
    wanted, found = self.original.passed(), self.subject.passed()
    wrong = [f"{probe.text}: {'passes' if probe.number in wanted else 'stops'} there, not here"
             for probe in probes if (probe.number in wanted) != (probe.number in found)]
    if wrong:
      self.fail(f"{len(wrong)} of {len(probes)} differ:\n" + "\n".join(wrong[:20]) + "\n" + text)
    print(f"    {name}: {len(wanted)} of {len(probes)} pass", flush=True)

  @staticmethod
  def private(text):
    found = re.search(r"(?m)^  private:((?: \[[^]]*\]|\n    - .*)+)", text)
    return set(re.findall(r"\w+", found[1])) if found else set()

  def is_v4_alone(self, name):
    folder = os.path.join(_FOLDER, name)
    return name.startswith("iptables") and not os.path.exists(os.path.join(folder, "rules.v6"))


  # Counted behind the comparisons: tests run by their names.
  def test_said_in_full(self):
    """Prints how many statements of all configurations are said in full."""
    stated = unsaid = 0
    for name in _names():
      text = self.translate(name)
      found = re.search(r"(?m)^# (\d+) of (\d+) statements", text)
      said = re.search(r"(?m)^# all of (\d+) statements", text)
      stated += int(found[2] if found else said[1])
      unsaid += int(found[1]) if found else 0
    print(f"    imported: {stated - unsaid} of {stated} statements are said in full", flush=True)
    self.assertGreater(stated - unsaid, 0.9 * stated)

  def test_bad_input(self):
    cut_off = self.fleet.write("*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\n", ".v4")
    binary = self.fleet.path("binary")
    large = self.fleet.path("large")
    with open(binary, "wb") as out:
      out.write(bytes(range(256)))
    with open(large, "wb") as out:
      out.truncate(50 << 20)
    for kind, path, reason in (
        ("iptables", cut_off, r"\.v4:\d+: the file is cut off: table filter has no COMMIT"),
        ("iptables", binary, "binary: the file is no text"),
        ("nft", binary, "binary: the file is no text"),
        ("nft", large, "large: the file has more than 8 MiB"),
        ("iptables", "/dev/zero", "/dev/zero: this is no file"),
        ("nft", self.fleet.write("table inet t {\n chain c {\n"), r"\.yaml:\d+: .*cut off"),
        ("ufw", self.fleet.directory, "/etc/default/ufw is missing"),
        ("firewalld", "/nonexistent", "name one directory")):
      with self.subTest(kind=kind, path=path):
        done = self.fleet.cli("import", kind, path)
        self.assertIn(done.returncode, (1, 3))
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, reason)


def _names():
  return [name for name in sorted(os.listdir(_FOLDER)) if os.path.isdir(os.path.join(_FOLDER, name))]


def _test(name):
  return lambda self: self.compare(name)


for _name in _names():
  setattr(Import, "test_" + _name.replace("-", "_"), _test(_name))
