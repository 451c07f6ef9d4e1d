# SPDX-License-Identifier: Apache-2.0
"""With a valid token a host can enrol, whatever its state directory or the database holds."""

import os
import shutil
import time

from harness import case
from harness import fleet as fleets
from harness import identity
from harness import policies
from harness import process

_LIFETIME = 20  # in seconds


class WayBack(case.FleetCase):
  """What may happen to a host; each test has a host of its own."""

  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}, "web3": {"role": "web"},
           "web4": {"role": "web"}, "web5": {"role": "web"}, "web6": {"role": "web"}}

  def refused(self, name, reason):
    """Waits until host and controller say that the host is refused, and why."""
    status = self.fleet.wait_status(
        name, lambda now: reason in now.get("connection_refused", {}).get("reason", ""),
        f"is refused: {reason}")
    self.assertIn("firebreak token create", status["connection_refused"]["reason"])
    self.assertIn(self.node(name).ipv4(), status["connection_refused"]["address"])
    self.assertIn("refused", self.fleet.cli("host", "status", name, check=0).stdout)
    self.assertRegex(self.fleet.cli("host", "list", check=0).stdout, f"{name} .*(refused|revoked)")
    self.fleet.hosts[name].agent.wait_for_line(reason)
    self.assertIn(reason, self.fleet.local(name, "status", check=0).stdout)

  def let_in(self, name, *flags, token_flags=()):
    self.fleet.hosts[name].agent.kill()
    agent = self.fleet.start_agent(name, token=self.fleet.token(*token_flags), flags=flags)
    agent.wait_for_line("enrolled as")
    self.fleet.wait_online(name)
    self.fleet.wait_status(
        name, lambda now: "connection_refused" not in now, "is refused no more")
    return agent

  def test_a_host_that_was_revoked(self):
    self.fleet.cli("host", "revoke", "web1", check=0)
    self.refused("web1", "has been revoked")
    self.let_in("web1", token_flags=("--label", "role=db"))
    self.assertEqual(self.fleet.status("web1")["labels"], {"role": "db"})

  def test_a_host_that_gets_other_labels_with_a_new_token(self):
    self.fleet.apply(
        policies.group("web", "role", "web") +
        policies.policy("web", "web", policies.opened("tcp/80")) +
        policies.group("db", "role", "db") +
        policies.policy("db", "db", policies.opened("tcp/81")))
    agent = self.let_in("web2", token_flags=("--label", "role=db", "--label", "site=x"))
    agent.wait_for_line("labels role=db,site=x")
    self.assertEqual(self.fleet.status("web2")["labels"], {"role": "db", "site": "x"})
    self.fleet.wait_status("web2", lambda now: now["rollout"] == "applied", "has its new rules")
    self.assertIn("81", self.fleet.cli("host", "mappings", "web2", check=0).stdout)
    # A token without labels leaves the host's labels unchanged.
    self.let_in("web2")
    self.assertEqual(self.fleet.status("web2")["labels"], {"role": "db", "site": "x"})

  def test_an_operator_changes_labels(self):
    self.fleet.apply(
        policies.group("mail", "role", "mail") +
        policies.policy("mail", "mail", policies.opened("tcp/25")))
    done = self.fleet.cli("host", "set", "web3", "--label", "role=mail", check=0)
    self.assertIn("role=mail", done.stdout)
    self.fleet.wait_status(
        "web3", lambda now: now["rollout"] == "applied" and "mail" in now["groups"],
        "has its new rules")
    process.wait_until(
        lambda: "25" in self.fleet.cli("host", "mappings", "web3", check=0).stdout, "port 25")
    self.fleet.cli("host", "set", "web3", "--remove-label", "none", check=3)
    self.fleet.cli("host", "set", "web3", check=2)
    self.assertIn("set labels", [row["action"] for row in self.fleet.audit()])

  def test_a_host_that_was_forgotten(self):
    self.fleet.cli("host", "forget", "web4", check=0)
    self.assertNotIn("web4", [host["name"] for host in self.fleet.json("host", "list")])
    self.fleet.hosts["web4"].agent.wait_for_line("has been forgotten|is not known here")
    process.wait_until(
        lambda: "is not known here" in self.fleet.cli("host", "status", "web4").stderr,
        "the operator is told that it still comes")
    self.let_in("web4")

  def test_a_host_whose_answer_was_lost(self):
    host = self.fleet.hosts["web5"]
    host.agent.kill()
    self.fleet.cli("host", "revoke", "web5", check=0)
    token = self.fleet.token("--label", "role=web")
    # The host asks, but cannot store the answer.
    path = os.path.join(host.state_directory, "identity")
    os.remove(path)
    os.mkdir(path)
    agent = self.fleet.start_agent("web5", token=token)
    agent.wait_for_line(path)
    self.assertEqual(agent.wait_for_end(), 1)
    # The controller believes that the host has enrolled.
    self.assertEqual(self.fleet.status("web5")["state"], "offline")
    os.rmdir(path)
    # The token can be used only once, so the host must get the same answer again.
    self.fleet.start_agent("web5", token=token).wait_for_line("enrolled as")
    self.fleet.wait_online("web5")
    self.assertFalse(os.path.exists(os.path.join(host.state_directory, "enrolment")))

  def test_a_host_that_was_installed_anew(self):
    host = self.fleet.hosts["web6"]
    host.agent.kill()
    shutil.rmtree(host.state_directory)
    os.mkdir(host.state_directory, 0o700)
    agent = self.fleet.start_agent("web6", token=self.fleet.token())
    agent.wait_for_line("firebreak token create --host web6")
    self.assertEqual(agent.wait_for_end(), 1)
    token = self.fleet.token("--host", "web6")
    self.fleet.start_agent("web6", token=token).wait_for_line("enrolled as")
    self.fleet.wait_online("web6")
    self.assertEqual(self.fleet.status("web6")["labels"], {"role": "web"})


class Names(case.FleetCase):

  def test_another_name_is_refused_in_words_without_a_token_and_taken_with_one(self):
    host = self.fleet.hosts["web1"]
    host.agent.kill()
    agent = self.fleet.start_agent("web1", as_name="web9")
    agent.wait_for_line("--name web9 has no effect: this host is enrolled as web1")
    self.fleet.wait_online("web1")
    agent.kill()
    self.fleet.start_agent("web1", token=self.fleet.token(), as_name="web9")
    process.wait_until(
        lambda: {one["name"]: one["state"] for one in self.fleet.json("host", "list")} ==
        {"web1": "offline", "web9": "online"}, "it is web9 now")

  def test_a_name_that_is_no_text_is_refused_in_words(self):
    self.fleet.hosts["web1"].agent.kill()
    agent = self.fleet.start_agent(
        "web1", token=self.fleet.token(), as_name=os.fsdecode(b"caf\xe9"))
    agent.wait_for_line("caf.*xe9.*give the host another name")
    agent.kill()
    self.fleet.start_agent("web1")
    self.fleet.wait_online("web1")


class OtherFleet(case.FleetCase):

  def test_a_host_that_belonged_to_another_fleet(self):
    self.fleet.hosts["web1"].agent.kill()
    self.fleet.controller.kill()
    shutil.rmtree(self.fleet.controller_directory)
    self.fleet.start_controller()
    self.fleet.enrol("web1").wait_for_line("enrolled as web1")
    self.fleet.wait_online("web1")


class Copies(case.FleetCase):
  """The state directory of a host is on two machines."""

  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}}

  def test_the_first_stays_and_the_second_is_refused_until_it_has_an_identity_of_its_own(self):
    first, second = self.fleet.hosts["web1"], self.fleet.hosts["web2"]
    second.agent.kill()
    self.fleet.cli("host", "forget", "web2", check=0)
    shutil.rmtree(second.state_directory)
    shutil.copytree(first.state_directory, second.state_directory,
                    ignore=shutil.ignore_patterns("*.sock"))
    agent = self.fleet.start_agent("web2")
    agent.wait_for_line("another machine, at .*, runs with the identity of host web1")
    status = self.fleet.wait_status(
        "web1", lambda now: now["state"] == "online" and
        "another machine" in now.get("connection_refused", {}).get("reason", ""),
        "is online, and the other one is refused")
    self.assertIn(second.node.ipv4(), status["connection_refused"]["address"])
    self.assertIn(first.node.ipv4(), status["address"])
    self.assertRegex(self.fleet.cli("host", "list", check=0).stdout,
                     "web1 +online, second refused")
    process.wait_until(
        lambda: any(row["actor"] == "host/web1" and "another machine" in row["detail"]
                    for row in self.fleet.audit()), "the trail tells of it")
    # The second machine comes again, and the first one stays connected.
    times = int(status["connection_refused"]["times"])
    status = self.fleet.wait_status(
        "web1", lambda now: int(now.get("connection_refused", {}).get("times", 0)) > times + 1,
        "the second one is refused again")
    self.assertIn(first.node.ipv4(), status["address"])
    self.assertEqual(status["state"], "online")
    self.fleet.apply(policies.policy("subject", "all", policies.opened("tcp/80")))
    # This is the remedy that the message names.
    agent.kill()
    self.fleet.start_agent("web2", token=self.fleet.token(), as_name="web9")
    process.wait_until(
        lambda: {one["name"]: one["state"] for one in self.fleet.json("host", "list")} ==
        {"web1": "online", "web9": "online"}, "each is a host of its own")


class ShortLives(case.FleetCase):
  """Certificates are replaced while the tests run."""

  HOSTS = {"web1": {"role": "web"}, "web2": {"role": "web"}, "web3": {"role": "web"}}
  OPTIONS = {"controller_flags": ["--host-certificate-lifetime", f"{_LIFETIME}s"]}

  def wait_for_renewal(self, name, certificate):
    host = self.fleet.hosts[name]
    process.wait_until(lambda: identity.of_host(host)[0] != certificate, "a new certificate")
    # The new certificate is used once, and that ends the old one.
    host.agent.kill()
    self.fleet.start_agent(name)
    self.fleet.wait_online(name)

  def test_a_machine_that_was_put_back_to_a_snapshot(self):
    host = self.fleet.hosts["web1"]
    snapshot = self.fleet.path("snapshot")
    shutil.copytree(host.state_directory, snapshot, ignore=shutil.ignore_patterns("*.sock"))
    self.wait_for_renewal("web1", identity.of_host(host)[0])
    host.agent.kill()
    shutil.rmtree(host.state_directory)
    shutil.copytree(snapshot, host.state_directory)
    agent = self.fleet.start_agent("web1")
    agent.wait_for_line("has a newer certificate|has expired")
    self.fleet.wait_status("web1", lambda now: "connection_refused" in now, "is refused")
    agent.kill()
    self.fleet.start_agent("web1", token=self.fleet.token()).wait_for_line("enrolled as")
    self.fleet.wait_online("web1")
    self.assertEqual(self.fleet.status("web1")["labels"], {"role": "web"})

  def test_a_certificate_that_has_expired(self):
    self.fleet.hosts["web2"].agent.kill()
    time.sleep(_LIFETIME + 1)  # until the certificate has expired
    agent = self.fleet.start_agent("web2")
    agent.wait_for_line("the host's certificate has expired")
    self.fleet.wait_status(
        "web2", lambda now: "expired" in now.get("connection_refused", {}).get("reason", ""),
        "is refused")
    agent.kill()
    self.fleet.start_agent("web2", token=self.fleet.token()).wait_for_line("enrolled as")
    self.fleet.wait_online("web2")

  def controller_program(self, *arguments):
    self.fleet.controller_node.run(
        fleets.program("firebreak-controller"), "--data-dir", self.fleet.controller_directory,
        *arguments)

  def test_a_database_that_was_put_back(self):
    backup = self.fleet.path("backup")
    self.controller_program("backup", backup)
    self.wait_for_renewal("web3", identity.of_host(self.fleet.hosts["web3"])[0])
    self.fleet.controller.kill()
    self.controller_program("restore", backup)
    self.fleet.start_controller()
    self.fleet.wait_online("web3")
    process.wait_until(
        lambda: any(row["action"] == "recover certificate" and row["actor"] == "host/web3"
                    for row in self.fleet.json("audit")), "the trail tells of it")
