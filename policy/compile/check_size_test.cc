// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/check_size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "policy/compile/allowance.h"
#include "policy/compile/compile.h"

namespace firebreak::policy {
namespace {

class CheckSizeTest : public testing::Test {
 protected:
  CheckSizeTest() {
    policy_.set_managed(true);
    policy_.add_locations()->set_name("elsewhere");
    policy_.mutable_locations(0)->add_layers();
  }

  v1::Settings& Base() {
    return *policy_.mutable_locations(0)->mutable_layers(0)->mutable_settings();
  }
  static v1::Mapping& Add(v1::Mappings& list, uint32_t first, uint32_t last) {
    v1::Mapping& mapping = *list.add_items();
    mapping.set_policy("p");
    mapping.set_name(absl::StrCat("m", list.items_size()));
    mapping.set_action(v1::Traffic::allow);
    AddPorts(mapping, first, last);
    return mapping;
  }
  static void AddPorts(v1::Mapping& mapping, uint32_t first, uint32_t last) {
    v1::PortRange& range = *mapping.add_ports();
    range.set_protocol(IPPROTO_TCP);
    range.set_first(first);
    range.set_last(last);
  }
  // Adds the number-th /24 of 10.0.0.0/8.
  static void AddPrefix(v1::Mapping& mapping, uint32_t number) {
    const uint32_t address = (10u << 24) + (number << 8);
    v1::Prefix& prefix = *mapping.add_remote();
    for (int shift = 24; shift >= 0; shift -= 8) {
      prefix.mutable_address()->push_back(static_cast<char>(address >> shift));
    }
    prefix.set_length(24);
  }
  // Adds mappings whose ranges overlap like stairs, each with addresses of its own.
  void AddStaircase(v1::Mappings& list, uint32_t mappings) {
    for (uint32_t i = 0; i < mappings; ++i) {
      v1::Mapping& mapping = Add(list, 1 + i, 20'000 + i);
      AddPrefix(mapping, 2 * i);
      AddPrefix(mapping, 2 * (mappings + i));
    }
  }

  v1::EffectivePolicy policy_;
};

TEST_F(CheckSizeTest, APolicyOfEverydaySizeFits) {
  for (uint32_t i = 0; i < 10'000; ++i)
    Add(*Base().mutable_inbound(), 10'000 + 2 * i, 10'000 + 2 * i);
  EXPECT_TRUE(CheckSize(policy_).ok());
}

TEST_F(CheckSizeTest, LongListsOfPrefixesFitForSeveralServices) {
  for (uint32_t service = 0; service < 3; ++service) {
    v1::Mapping& mapping = Add(*Base().mutable_inbound(), 80 + service, 80 + service);
    for (uint32_t i = 0; i < 20'000; ++i) AddPrefix(mapping, i);
  }
  ASSERT_TRUE(CheckSize(policy_).ok());
  const ruleset::Ruleset ruleset = Compile(policy_, {}).value();
  EXPECT_LE(CountElements(ruleset), 60'100u);
}

TEST_F(CheckSizeTest, AMappingOfManyPortsHasItsPrefixesOnce) {
  v1::Mapping& mapping = Add(*Base().mutable_inbound(), 80, 80);
  for (uint32_t port = 100; port < 120; port += 2) AddPorts(mapping, port, port);
  for (uint32_t i = 0; i < 20'000; ++i) AddPrefix(mapping, i);
  EXPECT_LE(CountElements(Compile(policy_, {}).value()), 20'100u);
}

TEST_F(CheckSizeTest, OverlapsWithoutEndAreRefusedWithAMappingAtFault) {
  AddStaircase(*Base().mutable_inbound(), 1000);
  const absl::Status status = CheckSize(policy_);
  ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("overlap in too many ways"));
  EXPECT_THAT(MappingAtFault(status), testing::StartsWith("Policy/p, mapping m"));
  EXPECT_EQ(Compile(policy_, {}).status(), status) << "a host says the same";
}

TEST_F(CheckSizeTest, SoAreTheyInASection) {
  v1::InterfaceLayer& section = *policy_.mutable_locations(0)->mutable_layers(0)->add_interfaces();
  section.mutable_match()->add_types("wireless");
  AddStaircase(*section.mutable_settings()->mutable_outbound(), 1000);
  EXPECT_TRUE(absl::IsResourceExhausted(CheckSize(policy_)));
}

// The kernel has no table for forwarded packets that grows with the number of its elements alone.
TEST_F(CheckSizeTest, TooManyPrefixesOfWhatIsSentOnAreRefused) {
  v1::Mapping& mapping = Add(*Base().mutable_inbound(), 80, 80);
  mapping.mutable_forward()->set_port(8080);
  for (uint32_t i = 0; i < kMostBoxes + 1; ++i) AddPrefix(mapping, 2 * i);
  const absl::Status status = CheckSize(policy_);
  ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("forward_to"));
  EXPECT_EQ(MappingAtFault(status), "Policy/p, mapping m1");
}

}  // namespace
}  // namespace firebreak::policy
