// SPDX-License-Identifier: Apache-2.0
#include "cli/input/resource_name.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(ParseResourceName, KindsInAnyForm) {
  for (const char* kind : {"policy", "policies", "Policy", "POLICIES"}) {
    EXPECT_EQ(*ParseResourceName(kind, "web"), (ResourceName{"policy", "web"})) << kind;
  }
  EXPECT_EQ(*ParseResourceName("groups", ""), (ResourceName{"group", ""}));
  EXPECT_EQ(*ParseResourceName("all", ""), (ResourceName{"", ""}));
}

TEST(ParseResourceName, EveryKindInSingularAndPlural) {
  for (const std::string& kind : ResourceKinds()) {
    EXPECT_EQ(*ParseResourceName(kind, "x"), (ResourceName{kind, "x"}));
  }
  EXPECT_EQ(*ParseResourceName("RolloutStrategies", ""), (ResourceName{"rolloutstrategy", ""}));
  EXPECT_EQ(*ParseResourceName("invariants", ""), (ResourceName{"invariant", ""}));
}

TEST(ParseResourceName, AsChangesArePrinted) {
  EXPECT_EQ(*ParseResourceName("Policy/web", ""), (ResourceName{"policy", "web"}));
  EXPECT_FALSE(ParseResourceName("Policy/web", "web").ok());
  EXPECT_FALSE(ParseResourceName("Policy/", "").ok());
}

TEST(ParseResourceName, UnknownKindsAreAnsweredWithTheKnown) {
  EXPECT_EQ(ParseResourceName("host", "").status().message(),
            "'host' is not a kind; the kinds are edit, group, invariant, location, policy, probe, "
            "rolloutstrategy, service");
  EXPECT_FALSE(ParseResourceName("all", "web").ok());
}

}  // namespace
}  // namespace firebreak::cli
