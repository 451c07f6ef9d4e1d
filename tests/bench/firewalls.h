// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_FIREWALLS_H_
#define FIREBREAK_TESTS_BENCH_FIREWALLS_H_

#include <cstdint>
#include <string>

#include "firebreak/v1/resources.pb.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// Installs the firewalls that are compared. All are stateful, let the host's own traffic out, and
// accept TCP and UDP to kMappedPort; with more mappings, the others are at every second port around
// it. A failure ends the program.

inline constexpr uint16_t kFirstPort = 10'000;
inline constexpr uint16_t kMappedPort = kFirstPort + 8;

// Compiles and enforces Firebreak's rules as an agent does.
void InstallOurs(const NamespacePair& pair, int mappings);
// The same with 10 mappings and a preset of `hardening`, including its sysctls.
void InstallHardened(const NamespacePair& pair, v1::Hardening::Preset preset);
// A few lines for nft(8), as an administrator would write them, with the ports in a set.
void InstallMinimal(const NamespacePair& pair, int mappings);
// A hundred inbound rules and a hundred outbound rules, which use in turn every feature of a
// mapping that nft(8) can express on any machine (so not the units of systemd). The last of each
// lets kMappedPort in and out; everything else that leaves is blocked. Made by Firebreak, and
// written by hand.
inline constexpr int kFeatureRules = 100;
void InstallOurFeatures(const NamespacePair& pair);
void InstallHandWrittenFeatures(const NamespacePair& pair);
// Forwarding: a rule lets flows to kMappedPort through, made by Firebreak beside 10,000 mappings,
// and written by hand without any mappings.
void InstallOurForwarding(const NamespacePair& pair);
void InstallMinimalForwarding(const NamespacePair& pair);
// Publishing: another program redirects kMappedPort to the far namespace, as a container engine
// does. 10,000 ports are open.
void InstallOurPublishing(const NamespacePair& pair);
void InstallMinimalPublishing(const NamespacePair& pair);
// Installs the rules in a file for nft(8).
void InstallFile(const NamespacePair& pair, const std::string& path);
// Installs the rules of ufw(8), which runs with a configuration of its own.
void InstallUfw(const NamespacePair& pair, int mappings);
// The rules of firewalld(1): it runs in a namespace with a bus of its own until its rules are
// complete, and these are then loaded with nft(8). Returns false if firewalld cannot be started
// here.
bool InstallFirewalld(const NamespacePair& pair, int mappings);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_FIREWALLS_H_
