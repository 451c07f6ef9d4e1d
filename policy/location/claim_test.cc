// SPDX-License-Identifier: Apache-2.0
#include "policy/location/claim.h"

#include <gtest/gtest.h>

namespace firebreak::policy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const MonotonicTime kStart = MonotonicTime() + std::chrono::hours(1);

class ClaimTest : public testing::Test {
 protected:
  ClaimTest() { claim_.Reset(kStart); }

  // Reports a proof whose answer came in no time.
  bool Prove(Span at) { return claim_.Proven(kStart + at, kStart + at); }
  bool Holds(Span at) const { return claim_.Holds(kStart + at); }
  Span Next() const { return std::chrono::duration_cast<Span>(claim_.next_attempt() - kStart); }

  void Promote() {
    ASSERT_FALSE(Prove(seconds(0)));
    ASSERT_TRUE(Prove(kBetweenFirstProofs));
  }

  Claim claim_{seconds(30)};
};

TEST_F(ClaimTest, OneProofIsNotEnough) {
  EXPECT_EQ(Next(), Span::zero());
  EXPECT_FALSE(Prove(seconds(0)));
  EXPECT_FALSE(Holds(milliseconds(1)));
  EXPECT_EQ(Next(), kBetweenFirstProofs);
}

TEST_F(ClaimTest, TwoInARowPromote) {
  Promote();
  EXPECT_TRUE(Holds(kBetweenFirstProofs));
  EXPECT_EQ(Next(), kBetweenFirstProofs + seconds(10)) << "renewed at a third";
}

TEST_F(ClaimTest, TheSecondMayNotComeAtOnce) {
  EXPECT_FALSE(Prove(seconds(0)));
  EXPECT_FALSE(Prove(kBetweenFirstProofs - milliseconds(1)));
  EXPECT_FALSE(Holds(kBetweenFirstProofs));
  EXPECT_TRUE(Prove(kBetweenFirstProofs));
}

TEST_F(ClaimTest, AFailureInBetweenBeginsAnew) {
  EXPECT_FALSE(Prove(seconds(0)));
  claim_.Failed(kStart + milliseconds(400));
  EXPECT_FALSE(Prove(seconds(2)));
  EXPECT_FALSE(Holds(seconds(3)));
}

TEST_F(ClaimTest, WhatIsRuledOutIsAskedMoreAndMoreRarely) {
  Promote();
  Span at = seconds(1);
  claim_.RuledOut(kStart + at);
  EXPECT_FALSE(Holds(at));
  for (int i = 0; i < 10; ++i) {
    at = Next();
    claim_.RuledOut(kStart + at);
  }
  EXPECT_EQ(Next(), at + kBetweenAttempts);
}

TEST_F(ClaimTest, AChangeOfTheLinkInBetweenBeginsAnew) {
  EXPECT_FALSE(Prove(seconds(0)));
  claim_.Reset(kStart + milliseconds(400));
  EXPECT_EQ(Next(), milliseconds(400));
  EXPECT_FALSE(Prove(milliseconds(600)));
  EXPECT_FALSE(Holds(milliseconds(600)));
}

TEST_F(ClaimTest, TheLeaseEndsByItself) {
  Promote();
  EXPECT_TRUE(Holds(kBetweenFirstProofs + seconds(30) - milliseconds(1)));
  EXPECT_FALSE(Holds(kBetweenFirstProofs + seconds(30)));
  EXPECT_EQ(claim_.Left(kStart + kBetweenFirstProofs + seconds(31)), Span::zero());
}

TEST_F(ClaimTest, EachProofRenewsIt) {
  Promote();
  EXPECT_TRUE(Prove(seconds(11)));
  EXPECT_TRUE(Holds(seconds(40)));
  EXPECT_FALSE(Holds(seconds(41)));
  EXPECT_EQ(claim_.since(), kStart + kBetweenFirstProofs);
  EXPECT_EQ(claim_.last_proof(), kStart + seconds(11));
}

TEST_F(ClaimTest, ALeaseCountsFromTheQuestion) {
  Promote();
  EXPECT_TRUE(claim_.Proven(kStart + seconds(11), kStart + seconds(15)));
  EXPECT_FALSE(Holds(seconds(41)));
}

TEST_F(ClaimTest, AFailedRenewalTakesNothingAwayAndIsTriedAgainSoon) {
  Promote();
  claim_.Failed(kStart + seconds(11));
  EXPECT_TRUE(Holds(seconds(12)));
  EXPECT_EQ(Next(), seconds(14));
}

TEST_F(ClaimTest, AfterItsEndTwoProofsAreNeededAgain) {
  Promote();
  EXPECT_FALSE(Prove(seconds(40)));
  EXPECT_FALSE(Holds(seconds(40)));
  EXPECT_TRUE(Prove(seconds(41)));
}

TEST_F(ClaimTest, AnAnswerOlderThanTheLeaseProvesNothing) {
  Promote();
  EXPECT_FALSE(claim_.Proven(kStart + seconds(1), kStart + seconds(50)));
  EXPECT_FALSE(Holds(seconds(50)));
  EXPECT_FALSE(Prove(seconds(51))) << "nor is it the first of two";
}

TEST_F(ClaimTest, AnOlderAnswerDoesNotShortenTheLease) {
  Promote();
  EXPECT_TRUE(Prove(seconds(12)));
  EXPECT_TRUE(claim_.Proven(kStart + seconds(5), kStart + seconds(13)));
  EXPECT_TRUE(Holds(seconds(41)));
}

TEST_F(ClaimTest, DemotionNeedsNothing) {
  Promote();
  claim_.Reset(kStart + seconds(2));
  EXPECT_FALSE(Holds(seconds(2)));
  EXPECT_EQ(claim_.Left(kStart + seconds(2)), Span::zero());
}

// For a minute, a link flaps every 200 ms, and the beacon answers at once.
TEST_F(ClaimTest, ABouncingLinkNeverPromotes) {
  for (Span at = seconds(0); at < seconds(60); at += milliseconds(200)) {
    claim_.Reset(kStart + at);
    for (Span in = milliseconds(0); in < milliseconds(200); in += milliseconds(20)) {
      EXPECT_FALSE(Prove(at + in));
    }
  }
}

TEST_F(ClaimTest, RightAfterAChangeOfTheLinkAttemptsComeSooner) {
  claim_.Failed(kStart);
  EXPECT_EQ(Next(), milliseconds(100));
  claim_.Failed(kStart);
  EXPECT_EQ(Next(), milliseconds(200));
  for (int i = 0; i < 10; ++i) claim_.Failed(kStart);
  EXPECT_EQ(Next(), kBetweenAttempts);
  claim_.Reset(kStart);
  claim_.Failed(kStart);
  EXPECT_EQ(Next(), milliseconds(100));
}

// Measures from the worst moment at which a beacon may become reachable until the promotion.
TEST_F(ClaimTest, PromotionTakesLessThanTwoSeconds) {
  for (int i = 0; i < 10; ++i) claim_.Failed(kStart);
  const Span first = Next();
  EXPECT_FALSE(Prove(first));
  const Span second = Next();
  EXPECT_TRUE(Prove(second));
  EXPECT_LT(second, seconds(2));
}

TEST(Location, SaysHowLong) {
  v1::Location location;
  EXPECT_EQ(LeaseOf(location), kDefaultLease);
  EXPECT_EQ(MaxRoundTripOf(location), kDefaultMaxRoundTrip);
  location.mutable_lease()->set_seconds(3);
  location.mutable_max_round_trip()->set_nanos(5'000'000);
  EXPECT_EQ(LeaseOf(location), seconds(3));
  EXPECT_EQ(MaxRoundTripOf(location), milliseconds(5));
}

}  // namespace
}  // namespace firebreak::policy
