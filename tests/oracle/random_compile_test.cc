// SPDX-License-Identifier: Apache-2.0

// Compiles random configurations for hosts at either location: whatever the checks take compiles,
// and no two things in the rules claim the same name.

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/compile/check_interfaces.h"
#include "policy/compile/compile.h"
#include "policy/merge/check_effective.h"
#include "tests/oracle/random_pairs.h"

namespace firebreak::oracle {
namespace {

uint64_t PairCount() {
  const char* const slow = std::getenv("FIREBREAK_SLOW");
  return slow != nullptr && *slow != '\0' ? 20'000 : 300;
}

TEST(RandomCompile, WhatIsValidCompiles) {
  const std::vector<policy::Interface> interfaces = {
      {.name = "eth0", .type = "ethernet", .index = 2},
      {.name = "eth1", .type = "ethernet", .index = 3},
      {.name = "wg0", .type = "vpn", .index = 4}};
  const uint64_t pairs = PairCount();
  uint64_t compiled = 0;
  for (uint64_t seed = 0; seed < pairs; ++seed) {
    Random random(seed);
    const RandomPair pair = DrawPair(random);
    for (const Drawn* drawn : {&pair.before, &pair.after}) {
      if (!policy::CheckEffective(drawn->effective).ok() ||
          policy::CheckInterfaces(drawn->effective, interfaces).has_value()) {
        continue;
      }
      for (const char* location : {"corp", "elsewhere"}) {
        if (LocationOf(drawn->effective, location) == nullptr) continue;
        const auto rules =
            policy::Compile(drawn->effective, interfaces, {.host_location = location});
        ASSERT_TRUE(rules.ok()) << "seed " << seed << ": " << rules.status() << "\n"
                                << drawn->effective.ShortDebugString();
        ++compiled;
      }
    }
  }
  EXPECT_GT(compiled, pairs);
}

}  // namespace
}  // namespace firebreak::oracle
