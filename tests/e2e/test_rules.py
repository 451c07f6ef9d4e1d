# SPDX-License-Identifier: Apache-2.0
"""What a mapping says beside ports and remote addresses, with packets."""

import datetime
import socket
import time

from harness import case
from harness import policies
from harness import probe


def _mappings(*texts):
  return "port_mappings:\n" + "".join(f"  - {{{text}}}\n" for text in texts)


class Rules(case.FleetCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.fleet.listen("web1", "tcp/80-85", "udp/80-81")
    cls.address = cls.fleet.hosts["web1"].node.ipv4()

  def apply(self, *mappings, more=""):
    return self.fleet.apply(policies.policy("subject", "all", _mappings(*mappings) + more))

  def states(self, *ports):
    found = probe.tcp(self.fleet.outsider, [(self.address, port) for port in ports])
    return [found[(self.address, port)] for port in ports]

  def source(self):
    return self.fleet.outsider.ipv4()

  def test_the_first_that_covers_a_packet_decides(self):
    self.apply("protocol: tcp, ports: 80", "protocol: tcp, ports: 80-81, action: block",
               "protocol: tcp, ports: 80-82")
    self.assertEqual(self.states(80, 81, 82, 83), ["open", "filtered", "open", "filtered"])
    self.apply(f"protocol: any, from: {self.source()}, action: block", "protocol: tcp, ports: 80")
    self.assertEqual(self.states(80), ["filtered"])
    self.apply("protocol: tcp, ports: 80", f"protocol: any, from: {self.source()}, action: block")
    self.assertEqual(self.states(80, 81), ["open", "filtered"])

  def test_exceptions_and_both_ends(self):
    self.apply(f"protocol: tcp, ports: 80, from: 0.0.0.0/0, from_except: {self.source()}",
               f"protocol: tcp, ports: 81, to: {self.address}-{self.address}",
               "protocol: tcp, ports: 82, to: 192.0.2.77",
               "protocol: tcp, ports: 83, source_ports: 1-1023",
               "ports: [tcp/84, udp/81]")
    self.assertEqual(self.states(80, 81, 82, 83, 84),
                     ["filtered", "open", "filtered", "filtered", "open"])
    self.assertTrue(probe.udp(self.fleet.outsider, self.address, 81))
    self.assertFalse(probe.udp(self.fleet.outsider, self.address, 80))

  def test_types_of_icmp(self):
    self.apply(f"protocol: icmp, types: echo-request, from: {self.source()}")
    self.assertTrue(probe.ping(self.fleet.outsider, self.address))
    self.apply("protocol: icmp, types: echo-request, from: 192.0.2.77")
    self.assertFalse(probe.ping(self.fleet.outsider, self.address))

  def test_what_is_rejected_is_told(self):
    self.apply("protocol: tcp, ports: 80, action: reject", "protocol: tcp, ports: 81, action: block")
    self.assertEqual(self.states(80, 81, 82), ["closed", "filtered", "filtered"])
    self.apply("protocol: tcp, ports: 83", more="unsolicited: reject\n")
    self.assertEqual(self.states(83, 82), ["open", "closed"])

    def udp_error():
      with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((self.address, 80))
        client.settimeout(5)
        try:
          client.send(b"x")
          client.recv(10)
        except TimeoutError:
          return "silence"
        except OSError as error:
          return error.strerror
        return "answer"

    self.assertNotIn(self.fleet.outsider.inside(udp_error), ("silence", "answer"))

  def test_above_a_limit_it_is_as_if_the_mapping_were_not_there(self):
    limited = "name: few, protocol: tcp, ports: 80, limit: {rate: 1/hour, burst: 3, per: source}"
    self.apply(limited)
    tried = [self.states(80)[0] for _ in range(5)]
    self.assertEqual(tried, ["open"] * 3 + ["filtered"] * 2)
    # The meter outlives a revision that does not change the mapping.
    self.apply(limited, "protocol: tcp, ports: 81")
    self.assertEqual(self.states(80, 81), ["filtered", "open"])

  def test_connections_are_counted_while_they_last(self):
    self.apply("protocol: tcp, ports: 80, connections: {max: 2, per: source}")

    def hold():
      held = [socket.create_connection((self.address, 80), timeout=5) for _ in range(2)]
      third = socket.socket()
      third.settimeout(2)
      refused = third.connect_ex((self.address, 80)) != 0
      third.close()
      for one in held:
        one.close()
      return refused

    self.assertTrue(self.fleet.outsider.inside(hold))

  def test_a_mapping_expires_by_itself(self):
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=8)
    self.apply(f"protocol: tcp, ports: 80, expires: \"{until:%Y-%m-%dT%H:%M:%SZ}\"",
               "protocol: tcp, ports: 81")
    self.assertEqual(self.states(80, 81), ["open", "open"])
    deadline = time.monotonic() + 60
    while self.states(80) == ["open"] and time.monotonic() < deadline:
      pass
    self.assertEqual(self.states(80, 81), ["filtered", "open"])
    actions = {one["name"]: one["action"] for one in self.fleet.json("host", "mappings", "web1")}
    self.assertEqual(actions, {"tcp-80": "expired", "tcp-81": "allow"})

  def test_who_sends_decides(self):
    target = self.fleet.outsider.ipv4()
    self.fleet.apply(policies.policy(
        "subject", "all",
        "outbound: {default: block, allow: [{protocol: any, users: [root]},"
        " {protocol: tcp, ports: 7443}]}"))

    code = (f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
            f".sendto(b'x', ('{target}', 9))")

    def sends(user):
      done = self.node("web1").run(
          "setpriv", f"--reuid={user}", "--clear-groups", "python3", "-c", code, check=False)
      return done.returncode == 0

    self.assertTrue(sends(0))
    self.assertFalse(sends(65534))
    trace = self.fleet.json("host", "trace", "web1", "--out", "eth0", "--proto", "udp", "--from",
                            self.address, "--to", f"{target}:9", "--user", "root")
    self.assertEqual(trace["verdict"], "accept")

  def test_bad_input_is_refused_with_its_line(self):
    self.assert_refused(policies.policy("bad", "all", _mappings(
        "protocol: icmp, types: echo-requst")), r":6: .*did you mean \"echo-request\"")
    self.assert_refused(policies.policy("bad", "all", _mappings(
        "protocol: tcp, ports: 80, expires: \"2020-01-01T00:00Z\"")), "expired")
    ranges = ", ".join(f"10.{i // 250}.{i % 250}.1-10.{i // 250}.{i % 250}.9" for i in range(20000))
    self.assert_refused(policies.policy("bad", "all", _mappings(
        f"protocol: tcp, ports: 80, from: [{ranges}]")), "more than 10000")
