// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/delivery.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

using Push = Delivery::Push;

// Returns what is due, and counts it as sent.
Push Next(Delivery& delivery) {
  const Push due = delivery.Due();
  if (due != Push::kNone) delivery.Sent();
  return due;
}

TEST(Delivery, SendsNothingBeforeSomethingIsWanted) {
  Delivery delivery;
  EXPECT_EQ(Next(delivery), Push::kNone);
  delivery.OnReceipt(3, "a");
  EXPECT_EQ(Next(delivery), Push::kNone);
}

TEST(Delivery, KeepsOnePushInFlightAndLetsTheNewestWin) {
  Delivery delivery;
  delivery.Want(1, "a");
  EXPECT_EQ(Next(delivery), Push::kFull);
  delivery.Want(2, "b");
  delivery.Want(3, "c");
  EXPECT_EQ(Next(delivery), Push::kNone);
  delivery.OnReceipt(1, "a");
  EXPECT_EQ(Next(delivery), Push::kFull);
  delivery.OnReceipt(3, "c");
  EXPECT_EQ(Next(delivery), Push::kNone);
}

TEST(Delivery, IgnoresAnOlderRevisionThatComesLate) {
  Delivery delivery;
  delivery.Want(2, "b");
  delivery.Want(1, "a");
  EXPECT_EQ(Next(delivery), Push::kFull);
  delivery.OnReceipt(2, "b");
  EXPECT_EQ(Next(delivery), Push::kNone);
}

TEST(Delivery, AnAnswerToAnotherRevisionDoesNotCount) {
  Delivery delivery;
  delivery.Want(2, "b");
  EXPECT_EQ(Next(delivery), Push::kFull);
  delivery.OnReceipt(1, "a");
  delivery.OnRefusal(1, "a", false);
  EXPECT_EQ(Next(delivery), Push::kNone);
}

TEST(Delivery, LeavesAHostAloneThatHasItAll) {
  Delivery delivery;
  delivery.OnReceipt(5, "a");
  delivery.Want(5, "a");
  EXPECT_EQ(Next(delivery), Push::kNone);
}

TEST(Delivery, IsBriefWhereThePolicyIsInForceAlready) {
  Delivery delivery;
  delivery.OnReceipt(5, "a");
  delivery.Want(6, "a");
  EXPECT_EQ(Next(delivery), Push::kBrief);
  delivery.OnReceipt(6, "a");
  delivery.Want(7, "b");
  EXPECT_EQ(Next(delivery), Push::kFull);
}

TEST(Delivery, FollowsABriefPushThatWasRefusedWithTheFullOne) {
  Delivery delivery;
  delivery.OnReceipt(5, "a");
  delivery.Want(6, "a");
  EXPECT_EQ(Next(delivery), Push::kBrief);
  delivery.OnRefusal(6, "a", false);
  EXPECT_EQ(Next(delivery), Push::kFull);
  delivery.OnRefusal(6, "a", false);
  EXPECT_EQ(Next(delivery), Push::kNone);
}

TEST(Delivery, DoesNotRepeatWhatWasRefused) {
  Delivery delivery;
  delivery.Want(6, "a");
  EXPECT_EQ(Next(delivery), Push::kFull);
  delivery.OnRefusal(6, "a", false);
  EXPECT_EQ(Next(delivery), Push::kNone);
  delivery.Want(7, "a");
  EXPECT_EQ(Next(delivery), Push::kFull);
}

TEST(Delivery, DoesNotRepeatWhatWasUndoneAfterItsReceipt) {
  Delivery delivery;
  delivery.OnReceipt(5, "a");
  delivery.Want(6, "b");
  EXPECT_EQ(Next(delivery), Push::kFull);
  delivery.OnReceipt(6, "b");
  delivery.OnRefusal(6, "b", true);
  EXPECT_EQ(Next(delivery), Push::kNone);
  delivery.OnReceipt(5, "a");
  EXPECT_EQ(Next(delivery), Push::kNone);
  delivery.Want(7, "a");
  EXPECT_EQ(Next(delivery), Push::kBrief);
}

TEST(Delivery, LeavesAReconnectingHostAloneThatRefusedTheWantedRevision) {
  Delivery delivery;
  delivery.OnReceipt(5, "a");
  delivery.OnRefusal(6, "b", true);
  delivery.Want(6, "b");
  EXPECT_EQ(Next(delivery), Push::kNone);
}

TEST(Delivery, BringsBackAHostThatIsAheadOfARestoredController) {
  Delivery delivery;
  delivery.OnReceipt(9, "x");
  delivery.Want(6, "b");
  EXPECT_EQ(Next(delivery), Push::kFull);
}

TEST(Delivery, SendsTheSameRevisionWithAnotherPolicyAfterNewLabels) {
  Delivery delivery;
  delivery.OnReceipt(6, "a");
  delivery.Want(6, "b");
  EXPECT_EQ(Next(delivery), Push::kFull);
}

}  // namespace
}  // namespace firebreak::controller
