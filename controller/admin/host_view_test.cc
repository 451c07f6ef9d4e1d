// SPDX-License-Identifier: Apache-2.0
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
  EXPECT_EQ(RolloutState(kWanted, Receipt(4, "d"), {}), "applied") << "it has not changed since";
  EXPECT_EQ(RolloutState(kWanted, Receipt(5, "other"), {}), "pending");
  EXPECT_EQ(RolloutState(kWanted, {}, {}), "pending");
}

TEST(RolloutState, TellsWhatTheHostDidWithTheWantedRevision) {
  EXPECT_EQ(RolloutState(kWanted, Receipt(4, "c"), Refusal(5, v1::Refusal::refused)), "refused");
  EXPECT_EQ(RolloutState(kWanted, Receipt(4, "c"), Refusal(5, v1::Refusal::undone)), "undone");
  EXPECT_EQ(RolloutState(kWanted, Receipt(4, "d"), Refusal(3, v1::Refusal::undone)), "applied");
  EXPECT_EQ(RolloutState(kWanted, Receipt(3, "c"), Refusal(4, v1::Refusal::undone)), "pending");
}

TEST(RolloutState, AnUnmanagedHostIsSaidToBe) {
  const Assignment unmanaged{.revision = 0, .policy_digest = "e", .managed = false};
  EXPECT_EQ(RolloutState(unmanaged, Receipt(0, "e"), {}), "unmanaged");
  EXPECT_EQ(RolloutState(unmanaged, {}, {}), "pending");
}

TEST(LeaveOutDetails, LeavesWhatAListTells) {
  v1::Host host;
  host.set_name("web-1");
  host.mutable_facts()->set_kernel(std::string(200'000, 'x'));
  v1::InterfaceState& state = *host.mutable_receipt()->add_interfaces();
  state.set_name("eth0");
  state.set_location("corp");
  state.set_firewall("on");
  state.set_evidence(std::string(200'000, 'x'));
  state.add_refusals()->set_reason("x");
  host.mutable_refusal()->set_reason("no");
  LeaveOutDetails(host);
  EXPECT_FALSE(host.has_facts());
  EXPECT_EQ(host.receipt().interfaces(0).ShortDebugString(),
            R"(name: "eth0" location: "corp" firewall: "on")");
  EXPECT_EQ(host.refusal().reason(), "no");
  host.mutable_refusal()->set_reason(std::string(100'000, 'x'));
  state.set_firewall(std::string(100'000, 'x'));
  LeaveOutDetails(host);
  EXPECT_LT(host.ByteSizeLong(), 100u);
  EXPECT_EQ(host.name(), "web-1");
}

}  // namespace
}  // namespace firebreak::controller
