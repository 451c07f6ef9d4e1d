// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/namespace_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace firebreak::bench {
namespace {

// Locally administered addresses. They are fixed, so that neither end has to look them up.
constexpr char kHostMac[] = "02:00:00:00:00:01", kPeerMac[] = "02:00:00:00:00:02";
constexpr char kEthernet[] = "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0";

}  // namespace

void Die(const std::string& message) {
  fprintf(stderr, "%s\n", message.c_str());
  exit(1);
}

void Run(const std::string& command) {
  if (system(command.c_str()) != 0) Die("failed: " + command);
}

// The name has the form that the tests use, because the tests remove namespaces of that form that
// dead processes have left.
NamespacePair::NamespacePair(const std::string& name)
    : host_(absl::StrCat("fbt-", getpid(), "-", name, "-host")),
      peer_(absl::StrCat("fbt-", getpid(), "-", name, "-peer")),
      far_(absl::StrCat("fbt-", getpid(), "-", name, "-far")) {
  Run(absl::StrReplaceAll(
      "ip netns add HOST && ip netns add PEER && ip -n HOST link set lo up &&"
      "ip -n HOST link add eth0 address HOSTMAC type veth peer name eth0 address PEERMAC netns PEER"
      "&& ip -n HOST address add HOSTIP/24 dev eth0 && ip -n PEER address add PEERIP/24 dev eth0 &&"
      "ip -n HOST link set eth0 up && ip -n PEER link set eth0 up &&"
      "ip -n HOST neigh add PEERIP lladdr PEERMAC dev eth0 &&"
      "ip -n PEER neigh add HOSTIP lladdr HOSTMAC dev eth0",
      {{"HOSTMAC", kHostMac},
       {"PEERMAC", kPeerMac},
       {"HOSTIP", kHostAddress},
       {"PEERIP", kPeerAddress},
       {"HOST", host_},
       {"PEER", peer_}}));
}

NamespacePair::~NamespacePair() {
  Run(absl::StrCat("ip netns delete ", host_, "; ip netns delete ", peer_,
                   has_far_ ? "; ip netns delete " + far_ : ""));
}

void NamespacePair::AddFar() {
  has_far_ = true;
  Run(absl::StrReplaceAll(
      "ip netns add FAR && ip -n HOST link add eth1 type veth peer name eth0 netns FAR &&"
      "ip -n HOST address add 10.79.0.1/24 dev eth1 && ip -n FAR address add FARIP/24 dev eth0 &&"
      "ip -n HOST link set eth1 up && ip -n FAR link set eth0 up &&"
      "ip -n FAR route add default via 10.79.0.1 &&"
      "ip -n PEER route add 10.79.0.0/24 via HOSTIP &&"
      "ip netns exec HOST sysctl -qw net.ipv4.ip_forward=1",
      {{"FARIP", kFarAddress},
       {"HOSTIP", kHostAddress},
       {"FAR", far_},
       {"HOST", host_},
       {"PEER", peer_}}));
}

void NamespacePair::In(const std::string& name, const std::function<void()>& body) {
  const int before = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (before < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0) {
    Die(absl::StrCat("enter namespace ", name, ": ", strerror(errno)));
  }
  body();
  if (setns(before, CLONE_NEWNET) != 0) Die("leave a namespace");
  close(before);
  close(there);
}

void NamespacePair::RunInHost(const std::string& command) const {
  if (!TryInHost(command)) Die("failed in a namespace: " + command);
}

bool NamespacePair::TryInHost(const std::string& command) const {
  bool done = false;
  InHost([&] { done = system(command.c_str()) == 0; });
  return done;
}

std::string NamespacePair::EthernetHeader() const {
  return std::string(kEthernet, sizeof kEthernet - 1);
}

uint64_t NamespacePair::ReceivedByHost() const {
  uint64_t packets = 0;
  InHost([&] {
    std::ifstream file("/proc/thread-self/net/dev");
    for (std::string line; std::getline(file, line);) {
      unsigned long long bytes, count;
      if (sscanf(line.c_str(), " eth0: %llu %llu", &bytes, &count) == 2) packets = count;
    }
  });
  return packets;
}

}  // namespace firebreak::bench
