# SPDX-License-Identifier: Apache-2.0
"""Who is let in: certificates, tokens, versions, sizes."""

import os
import re
import subprocess
import time

from harness import case
from harness import enrolment
from harness import fleet as fleets
from harness import grpc_call
from harness import identity
from harness import policies
from harness import process

_REFUSED = (grpc_call.UNAUTHENTICATED, grpc_call.PERMISSION_DENIED)


def _openssl(*arguments, text_input=None):
  return subprocess.run(["openssl", *arguments], check=True, capture_output=True, input=text_input)


class Admission(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}}

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.admin = grpc_call.client_files(cls.fleet)
    cls.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))

  def forged(self, subject_name):
    """A certificate with the right names from a CA of one's own."""
    base = self.fleet.path("forged")
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", base + ".ca.key", "-out", base + ".ca", "-subj", "/CN=Firebreak",
             "-days", "1")
    _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             base + ".key", "-out", base + ".csr", "-subj", "/CN=x")
    with open(base + ".ext", "w", encoding="utf-8") as out:
      out.write(f"subjectAltName=URI:{subject_name}\nextendedKeyUsage=clientAuth\n")
    _openssl("x509", "-req", "-in", base + ".csr", "-CA", base + ".ca", "-CAkey", base + ".ca.key",
             "-CAcreateserial", "-out", base + ".crt", "-days", "1", "-extfile", base + ".ext")
    return base + ".crt", base + ".key"

  def assert_others_are_served(self):
    self.fleet.cli("host", "list", check=0)
    self.assertEqual(self.fleet.status("web1")["state"], "online")

  def test_the_administrator_is_let_in(self):
    status, text = grpc_call.call(
        self.fleet, "firebreak.v1.Admin/ListHosts", certificate=self.admin[0], key=self.admin[1])
    self.assertEqual(status, grpc_call.OK, text)

  def test_the_health_service_answers(self):
    status, text = grpc_call.call(
        self.fleet, "grpc.health.v1.Health/Check", certificate=self.admin[0], key=self.admin[1])
    self.assertEqual(status, grpc_call.OK, text)

  def test_without_a_certificate_nothing_but_enrolment_answers(self):
    for method in ("Admin/ListHosts", "Fleet/Reach", "Enrolment/Renew", "Enrolment/Enrol"):
      status, text = grpc_call.call(self.fleet, f"firebreak.v1.{method}")
      self.assertIsNone(status, f"{method}: {text}")
    self.fleet.controller.wait_for_line("refused connect .*no client certificate")
    status, text = enrolment.enrol(self.fleet, enrolment.message("fb1.AAAA", "x", b""))
    self.assertEqual(status, grpc_call.UNAUTHENTICATED, text)

  def test_a_certificate_of_an_unknown_ca(self):
    for name in ("firebreak://admin/admin", "firebreak://host/web1"):
      certificate, key = self.forged(name)
      for method in ("Admin/ListHosts", "Fleet/Reach"):
        status, text = grpc_call.call(
            self.fleet, f"firebreak.v1.{method}", certificate=certificate, key=key)
        self.assertIsNone(status, text)
    self.assert_others_are_served()

  def test_a_host_is_no_administrator(self):
    certificate, key = identity.files(self.fleet, "web1")
    status, text = grpc_call.call(
        self.fleet, "firebreak.v1.Fleet/Reach", certificate=certificate, key=key)
    self.assertEqual(status, grpc_call.OK, text)
    for method in ("ListHosts", "CreateToken", "Apply", "GetVersion", "RevokeHost"):
      status, text = grpc_call.call(
          self.fleet, f"firebreak.v1.Admin/{method}", certificate=certificate, key=key)
      # Refused before curl has sent all it wants to, which curl may take for a fault.
      self.assertIn(status, (None, grpc_call.PERMISSION_DENIED), f"{method}: {text}")
    self.fleet.controller.wait_for_line("refused list hosts .*only an administrator may do this")

  def test_an_administrator_is_no_host(self):
    status, text = grpc_call.call(
        self.fleet, "firebreak.v1.Fleet/Reach", certificate=self.admin[0], key=self.admin[1])
    self.assertIn(status, (None, *_REFUSED), text)
    self.fleet.controller.wait_for_line("refused reach .*only a host may do this")

  def test_an_unknown_ca_is_refused_by_the_cli_too(self):
    certificate, key = self.forged("firebreak://admin/admin")
    with open(self.fleet.context, encoding="utf-8") as text:
      context = text.read()
    for path, label in ((certificate, "certificate"), (key, "key")):
      with open(path, encoding="utf-8") as pem:
        body = "".join(f"  {line}\n" for line in pem.read().splitlines())
      context = re.sub(rf"(?m)^{label}: \|\n((  .*)?\n)+", lambda _: f"{label}: |\n{body}", context)
    path = self.fleet.write(context)
    os.chmod(path, 0o600)
    done = self.fleet.cli("host", "list", context=path, check=4)
    self.assertTrue(done.stderr.strip())

  def test_tls_1_2_is_refused_and_1_3_is_not(self):
    address = f"{self.fleet.controller_node.ipv4()}:{fleets.PORT}"
    for version, let_in in (("-tls1_2", False), ("-tls1_3", True)):
      done = self.fleet.outsider.run(
          "openssl", "s_client", "-connect", address, version, "-alpn", "h2", check=False,
          text_input="")
      self.assertEqual("Server certificate" in done.stdout, let_in, done.stdout + done.stderr)

  def test_a_message_above_the_limit(self):
    before = self.fleet.revision()
    huge = grpc_call.field(1, grpc_call.field(2, b"#" * (17 << 20)))
    status, text = grpc_call.call(
        self.fleet, "firebreak.v1.Admin/Apply", huge, certificate=self.admin[0], key=self.admin[1])
    self.assertEqual(status, grpc_call.RESOURCE_EXHAUSTED, text)
    self.assertEqual(self.fleet.revision(), before)
    status, text = enrolment.enrol(self.fleet, grpc_call.field(1, b"x" * (17 << 20)))
    self.assertIn(status, (None, grpc_call.RESOURCE_EXHAUSTED), text)
    self.assert_others_are_served()

  def test_bytes_that_are_no_protobuf(self):
    status, text = grpc_call.call(
        self.fleet, "firebreak.v1.Admin/Apply", b"\xff" * 100,
        certificate=self.admin[0], key=self.admin[1])
    self.assertNotIn(status, (None, grpc_call.OK), text)
    self.assert_others_are_served()

  def test_refused_attempts_and_changes_are_on_record(self):
    stranger = self.fleet.outsider.ipv4()
    certificate, key = identity.files(self.fleet, "web2")
    grpc_call.call(self.fleet, "firebreak.v1.Admin/ListHosts")
    enrolment.enrol(self.fleet, grpc_call.field(1, "fb1.AAAA"))
    grpc_call.call(self.fleet, "firebreak.v1.Admin/ListHosts", certificate=certificate, key=key)

    def recorded():
      refused = [entry for entry in self.fleet.audit() if entry["result"] == "refused"]
      by_strangers = [entry for entry in refused if stranger in entry["peer"]]
      return (len(by_strangers) >= 3 and
              any("web2" in entry["actor"] for entry in by_strangers) and by_strangers)

    for entry in process.wait_until(recorded, "the audit trail has the refusals"):
      self.assertTrue(entry["detail"])
      self.assertNotIn("fb1.", str(entry))
    applied = [entry for entry in self.fleet.audit()
               if entry["action"] == "apply" and entry["result"] == "done"]
    self.assertTrue(applied)
    self.assertIn("admin", applied[0]["actor"])
    self.assertIn(self.fleet.controller_node.ipv4(), applied[0]["peer"])

  def test_the_context_must_be_private(self):
    with open(self.fleet.context, encoding="utf-8") as text:
      path = self.fleet.write(text.read())
    os.chmod(path, 0o644)
    done = self.fleet.cli("host", "list", context=path)
    self.assertNotEqual(done.returncode, 0)
    self.assertIn("chmod", done.stderr)


class Tokens(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}}

  def try_enrol(self, token, name="stranger"):
    """Enrols by hand; the status."""
    base = self.fleet.path("request")
    _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", base + ".key", "-outform", "DER", "-out", base, "-subj", "/CN=x")
    with open(base, "rb") as request:
      message = enrolment.message(token, name, request.read())
    return enrolment.enrol(self.fleet, message)

  def names(self):
    return {host["name"] for host in self.fleet.json("host", "list")}

  def test_a_token_is_good_for_its_uses_and_no_more(self):
    token = self.fleet.token("--uses", "1", "--label", "role=db")
    status, text = self.try_enrol(token, "once")
    self.assertEqual(status, grpc_call.OK, text)
    status, text = self.try_enrol(token, "twice")
    self.assertIn(status, _REFUSED, text)
    self.assertIn("once", self.names())
    self.assertNotIn("twice", self.names())
    self.assertEqual(self.fleet.status("once")["labels"], {"role": "db"})

  def test_an_expired_token(self):
    token = self.fleet.token("--ttl", "1s")
    time.sleep(1.2)  # its life
    status, text = self.try_enrol(token, "late")
    self.assertIn(status, _REFUSED, text)
    self.assertNotIn("late", self.names())

  def test_a_token_that_was_made_up(self):
    token = self.fleet.token()
    other = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    for made_up in (other, "fb1.AAAA", "", "x" * 100_000):
      status, text = self.try_enrol(made_up, "forged")
      self.assertNotIn(status, (None, grpc_call.OK), text)
    self.assertNotIn("forged", self.names())

  def test_names_that_are_none(self):
    for name in ("../../etc/passwd", "a\nb", "", "A", "x" * 64, "a/b", "\x1b[31m"):
      status, text = self.try_enrol(self.fleet.token(), name)
      self.assertNotIn(status, (None, grpc_call.OK), f"{name!r}: {text}")

  def test_a_token_does_not_take_over_a_host_that_is_there(self):
    status, text = self.try_enrol(self.fleet.token(), "web1")
    self.assertNotIn(status, (None, grpc_call.OK), text)
    self.assertEqual(self.fleet.status("web1")["labels"], {"role": "web"})
    self.fleet.wait_online("web1")

  def test_an_agent_refuses_a_controller_that_is_not_the_tokens(self):
    token = self.fleet.token()
    other = fleets.Fleet({"web9": {}}, start=False)
    self.addCleanup(other.close)
    other.start_controller()
    agent = other.start_agent("web9", token=token)
    found = agent.wait_for_line("(?i)fingerprint|certificate|token")
    self.assertNotIn(token, "\n".join(agent.lines()))
    self.assertEqual(other.json("host", "list"), [], found.string)

  def test_a_revoked_host_needs_a_token_that_is_newer(self):
    token = self.fleet.token("--uses", "5")
    status, text = self.try_enrol(token, "outcast")
    self.assertEqual(status, grpc_call.OK, text)
    self.fleet.cli("host", "revoke", "outcast", check=0)
    status, text = self.try_enrol(token, "outcast")
    self.assertIn(status, _REFUSED, text)
    self.assertIn("made before", text)
    self.assertEqual(self.fleet.status("outcast")["state"], "revoked")
    status, text = self.try_enrol(token, "other")
    self.assertEqual(status, grpc_call.OK, text)
    status, text = self.try_enrol(self.fleet.token(), "outcast")
    self.assertEqual(status, grpc_call.OK, text)
    self.assertEqual(self.fleet.status("outcast")["state"], "offline")

  def test_no_secret_is_in_a_log_or_an_argument_list(self):
    token = self.fleet.token()
    self.try_enrol(token, "quiet")
    for one in (self.fleet.controller, self.fleet.hosts["web1"].agent):
      self.assertNotIn(token, "\n".join(one.lines()))
      with open(f"/proc/{one.pid}/cmdline", encoding="utf-8") as arguments:
        self.assertNotIn("fb1.", arguments.read())


class Revocation(case.FleetCase):
  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}}

  def test_a_revoked_hosts_stream_ends_at_once_and_it_never_comes_back(self):
    certificate, key = identity.files(self.fleet, "web1")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))
    # Its connection is gone from the kernel's list, not just the controller's word.
    self.assertTrue(self.connected("web1"))
    self.fleet.cli("host", "revoke", "web1", check=0)
    self.assertEqual(self.fleet.status("web1")["state"], "revoked")
    status, text = grpc_call.call(
        self.fleet, "firebreak.v1.Fleet/Reach", certificate=certificate, key=key)
    self.assertIn(status, (None, *_REFUSED), text)
    revision = self.fleet.revision()
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80", "tcp/81")))
    self.assertEqual(self.fleet.status("web1")["state"], "revoked")
    self.assertEqual(int(self.fleet.status("web1").get("revision", 0)), revision)
    self.assertEqual(int(self.fleet.status("web2")["revision"]), revision + 1)

  def connected(self, name):
    seen = self.fleet.controller_node.run(
        "ss", "-Htn", "state", "established", "dst", self.node(name).ipv4()).stdout
    return bool(seen.strip())
