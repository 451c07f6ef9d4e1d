// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/fit_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {
namespace {

using testing::HasSubstr;

void AddInterfaces(int interfaces, int addresses, v1::Facts& facts) {
  for (int i = 0; i < interfaces; ++i) {
    v1::Interface& interface = *facts.add_interfaces();
    interface.set_name(absl::StrCat("eth", i));
    for (int j = 0; j < addresses; ++j) {
      interface.add_addresses(absl::StrCat("2001:db8:1234:5678:9abc:def0:", i, ":", j, "/128"));
    }
  }
}

TEST(FitReport, LeavesAsItIsWhatFits) {
  v1::AgentMessage message;
  AddInterfaces(100, 10, *message.mutable_facts());
  const std::string before = message.SerializeAsString();
  FitReport(message);
  EXPECT_EQ(message.SerializeAsString(), before);
}

TEST(FitReport, TwentyThousandAddressesAreCutAndTheOtherInterfacesStay) {
  v1::AgentMessage message;
  v1::Facts& facts = *message.mutable_facts();
  AddInterfaces(20, 2, facts);
  AddInterfaces(1, 20'000, facts);
  FitReport(message);
  EXPECT_LE(message.ByteSizeLong(), kMaxReportBytes);
  EXPECT_EQ(facts.interfaces_size(), 21);
  EXPECT_EQ(facts.interfaces(3).addresses_size(), 2);
  const int kept = facts.interfaces(20).addresses_size();
  EXPECT_GT(kept, 1000);
  EXPECT_EQ(facts.left_out(), absl::StrCat(20'000 - kept, " addresses"));
}

TEST(FitReport, ThousandsOfInterfacesAreCut) {
  v1::AgentMessage message;
  AddInterfaces(10'000, 3, *message.mutable_facts());
  FitReport(message);
  EXPECT_LE(message.ByteSizeLong(), kMaxReportBytes);
  EXPECT_THAT(message.facts().left_out(), HasSubstr("interfaces"));
}

TEST(FitReport, AHelloFitsWhateverItsParts) {
  v1::AgentMessage message;
  v1::Hello& hello = *message.mutable_hello();
  AddInterfaces(50, 1000, *hello.mutable_facts());
  hello.mutable_facts()->mutable_drift()->add_changed(std::string(1 << 20, 'x'));
  for (int i = 0; i < 2000; ++i) {
    v1::InterfaceState& state = *hello.mutable_receipt()->add_interfaces();
    state.set_name(absl::StrCat("eth", i));
    state.set_evidence(std::string(100, 'x'));
    for (int j = 0; j < 50; ++j) state.add_refusals()->set_reason("the beacon does not answer");
  }
  for (int i = 0; i < 200; ++i) {
    hello.mutable_receipt()->add_options()->set_reason(std::string(2000, 'z'));
  }
  hello.mutable_receipt()->set_revision(7);
  hello.mutable_refusal()->set_reason(std::string(1 << 20, 'y'));
  FitReport(message);
  EXPECT_LE(message.ByteSizeLong(), kMaxReportBytes);
  EXPECT_EQ(hello.receipt().revision(), 7u);
  EXPECT_THAT(hello.receipt().left_out(), HasSubstr("interfaces"));
  EXPECT_THAT(hello.receipt().left_out(), HasSubstr("switches"));
  EXPECT_THAT(hello.refusal().reason(), HasSubstr("bytes more"));
}

TEST(FitReport, ACutTextIsTextStill) {
  v1::AgentMessage message;
  std::string reason(4095, 'x');
  for (int i = 0; i < 100; ++i) absl::StrAppend(&reason, "é");
  message.mutable_refusal()->set_reason(reason);
  FitReport(message);
  v1::AgentMessage parsed;
  EXPECT_TRUE(parsed.ParseFromString(message.SerializeAsString()));
}

}  // namespace
}  // namespace firebreak::agent
