#include "controller/admin/host_view.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

v1::Receipt Receipt(uint64_t revision, const std::string& digest) {
  v1::Receipt receipt;
  receipt.set_revision(revision);
  receipt.set_policy_digest(digest);
  return receipt;
}

v1::Refusal Refusal(uint64_t revision, v1::Refusal::Kind kind) {
  v1::Refusal refusal;
  refusal.set_revision(revision);
  refusal.set_kind(kind);
  return refusal;
}

const Assignment kWanted{.revision = 5, .policy_digest = "d", .managed = true};

TEST(RolloutState, IsAppliedOnlyByAReceiptForTheVeryPolicy) {
  EXPECT_EQ(RolloutState(kWanted, Receipt(5, "d"), {}), "applied");
  EXPECT_EQ(RolloutState(kWanted, Receipt(4, "d"), {}), "pending");
  EXPECT_EQ(RolloutState(kWanted, Receipt(5, "other"), {}), "pending");
  EXPECT_EQ(RolloutState(kWanted, {}, {}), "pending");
}

TEST(RolloutState, TellsWhatTheHostDidWithTheWantedRevision) {
  EXPECT_EQ(RolloutState(kWanted, Receipt(4, "c"), Refusal(5, v1::Refusal::refused)), "refused");
  EXPECT_EQ(RolloutState(kWanted, Receipt(4, "c"), Refusal(5, v1::Refusal::undone)), "undone");
  EXPECT_EQ(RolloutState(kWanted, Receipt(3, "c"), Refusal(4, v1::Refusal::undone)), "pending");
}

TEST(RolloutState, AnUnmanagedHostIsSaidToBe) {
  const Assignment unmanaged{.revision = 0, .policy_digest = "e", .managed = false};
  EXPECT_EQ(RolloutState(unmanaged, Receipt(0, "e"), {}), "unmanaged");
  EXPECT_EQ(RolloutState(unmanaged, {}, {}), "pending");
}

}  // namespace
}  // namespace firebreak::controller
