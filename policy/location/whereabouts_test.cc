// SPDX-License-Identifier: Apache-2.0
#include "policy/location/whereabouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak::policy {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const MonotonicTime kStart = MonotonicTime() + std::chrono::hours(1);

v1::EffectiveLocation Provable(const std::string& name, const std::string& beacon) {
  v1::EffectiveLocation location;
  location.set_name(name);
  location.mutable_proof()->set_name(name);
  location.mutable_proof()->add_beacons()->set_address(beacon);
  return location;
}

v1::EffectivePolicy Policy(const std::vector<v1::EffectiveLocation>& locations) {
  v1::EffectivePolicy policy;
  policy.add_locations()->set_name("elsewhere");
  for (const v1::EffectiveLocation& location : locations) *policy.add_locations() = location;
  return policy;
}

const v1::EffectivePolicy kBoth =
    Policy({Provable("corp", "10.0.0.1:7444"), Provable("branch", "10.0.0.2:7444")});

class WhereaboutsTest : public testing::Test {
 protected:
  WhereaboutsTest() { EXPECT_THAT(where_.SetLocations(kBoth, kStart), IsEmpty()); }

  void Prove(const std::string& location) {
    Claim* claim = where_.Find(location);
    ASSERT_NE(claim, nullptr);
    claim->Proven(kStart, kStart);
    ASSERT_TRUE(claim->Proven(kStart + seconds(1), kStart + seconds(1)));
  }
  std::string At(Span at) const { return where_.At(kStart + at); }

  Whereabouts where_;
};

TEST_F(WhereaboutsTest, BeginsElsewhere) {
  EXPECT_EQ(At(seconds(0)), "elsewhere");
  EXPECT_EQ(where_.Find("elsewhere"), nullptr);
  EXPECT_EQ(where_.NextEnd(kStart), std::nullopt);
}

TEST_F(WhereaboutsTest, OfTwoTheHigherPrecedenceHoldsWhicheverCameFirst) {
  Prove("branch");
  EXPECT_EQ(At(seconds(2)), "branch");
  Prove("corp");
  EXPECT_EQ(At(seconds(2)), "corp");
}

TEST_F(WhereaboutsTest, FallsToTheOtherWhenOneEnds) {
  Prove("branch");
  Prove("corp");
  where_.Find("branch")->Proven(kStart + seconds(20), kStart + seconds(20));
  EXPECT_EQ(At(seconds(30)), "corp");
  EXPECT_EQ(At(seconds(31)), "branch");
  EXPECT_EQ(At(seconds(50)), "elsewhere");
  EXPECT_EQ(where_.NextEnd(kStart + seconds(2)), kStart + seconds(31));
  EXPECT_EQ(where_.NextEnd(kStart + seconds(31)), kStart + seconds(50));
}

TEST_F(WhereaboutsTest, AChangeOfTheLinkLosesAll) {
  Prove("branch");
  Prove("corp");
  EXPECT_THAT(where_.Disturb(kStart + seconds(2)), ElementsAre("corp", "branch"));
  EXPECT_EQ(At(seconds(2)), "elsewhere");
  EXPECT_THAT(where_.Disturb(kStart + seconds(3)), IsEmpty());
}

TEST_F(WhereaboutsTest, ANewPolicyKeepsWhatIsProvenTheSameWay) {
  Prove("corp");
  v1::EffectivePolicy next = kBoth;
  next.mutable_locations(1)->add_layers();
  next.mutable_locations(1)->mutable_proof()->set_precedence(7);
  EXPECT_THAT(where_.SetLocations(next, kStart + seconds(2)), IsEmpty());
  EXPECT_EQ(At(seconds(2)), "corp");
}

TEST_F(WhereaboutsTest, OtherProofMustBeGivenAnew) {
  Prove("corp");
  v1::EffectivePolicy next = kBoth;
  next.mutable_locations(1)->mutable_proof()->mutable_beacons(0)->set_ca("another");
  EXPECT_THAT(where_.SetLocations(next, kStart + seconds(2)), ElementsAre("corp"));
  EXPECT_EQ(At(seconds(2)), "elsewhere");
}

TEST_F(WhereaboutsTest, ALocationThatIsGoneIsLost) {
  Prove("corp");
  EXPECT_THAT(where_.SetLocations(Policy({}), kStart + seconds(2)), ElementsAre("corp"));
  EXPECT_EQ(At(seconds(2)), "elsewhere");
}

TEST_F(WhereaboutsTest, ALocationWithoutBeaconsIsNeverProven) {
  v1::EffectivePolicy next = kBoth;
  next.mutable_locations(1)->mutable_proof()->clear_beacons();
  where_.SetLocations(next, kStart);
  EXPECT_EQ(where_.Find("corp"), nullptr);
}

}  // namespace
}  // namespace firebreak::policy
