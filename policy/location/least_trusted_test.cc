// SPDX-License-Identifier: Apache-2.0
#include "policy/location/least_trusted.h"

#include <gtest/gtest.h>

#include <vector>

namespace firebreak::policy {
namespace {

std::string Least(const std::vector<std::string>& at) {
  v1::EffectivePolicy policy;
  for (const char* name : {"elsewhere", "vault", "corp", "branch"}) {
    policy.add_locations()->set_name(name);
  }
  return LeastTrusted(policy, at)->name();
}

TEST(LeastTrusted, ElsewhereIsBehindAll) {
  EXPECT_EQ(Least({"vault", "elsewhere", "corp"}), "elsewhere");
  EXPECT_EQ(Least({}), "elsewhere");
}

TEST(LeastTrusted, TheLowestPrecedenceComesLast) {
  EXPECT_EQ(Least({"corp"}), "corp");
  EXPECT_EQ(Least({"branch", "vault"}), "branch");
  EXPECT_EQ(Least({"vault", "branch"}), "branch");
}

TEST(LeastTrusted, AnUnknownLocationIsNotTrusted) { EXPECT_EQ(Least({"vault", "?"}), "elsewhere"); }

TEST(LeastTrusted, WithoutLocationsThereIsNone) {
  EXPECT_EQ(LeastTrusted(v1::EffectivePolicy(), {}), nullptr);
}

}  // namespace
}  // namespace firebreak::policy
