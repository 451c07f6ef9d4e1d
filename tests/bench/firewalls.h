#ifndef FIREBREAK_TESTS_BENCH_FIREWALLS_H_
#define FIREBREAK_TESTS_BENCH_FIREWALLS_H_

#include <cstdint>
#include <string>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// What is installed on hosts that are compared. All are stateful, let the host's own traffic out
// and TCP and UDP in to kMappedPort; those with more mappings have them at every second port
// around. What fails ends the program.

inline constexpr uint16_t kFirstPort = 10'000;
inline constexpr uint16_t kMappedPort = kFirstPort + 8;

// Firebreak's, compiled and enforced as an agent does it.
void InstallOurs(const NamespacePair& pair, int mappings);
// A few lines of nft(8), as an administrator would write them; the ports are a set.
void InstallMinimal(const NamespacePair& pair, int mappings);
// From a file of nft(8).
void InstallFile(const NamespacePair& pair, const std::string& path);
// By ufw(8) itself, with a configuration of its own.
void InstallUfw(const NamespacePair& pair, int mappings);
// What firewalld(1) makes: it runs in a namespace with a bus of its own until its rules are
// complete, and these are then loaded with nft(8). False: it did not start here.
bool InstallFirewalld(const NamespacePair& pair, int mappings);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_FIREWALLS_H_
