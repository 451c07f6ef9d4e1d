// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/check_size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
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

  // Adds mappings of one port each, with a limit for each source.
  void AddLimited(uint32_t mappings) {
    for (uint32_t i = 0; i < mappings; ++i) {
      const auto port = static_cast<uint32_t>(Base().inbound().items_size()) + 1;
      v1::Limit& limit = *Add(*Base().mutable_inbound(), port, port).mutable_limit();
      limit.set_flows(10);
      limit.set_seconds(1);
      limit.set_burst(5);
      limit.set_per_source(true);
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

// Strangers fill all such sets, which must not take all of the kernel's memory.
TEST_F(CheckSizeTest, LimitsForEachSourceShareTheRoomThatAHostHasForThem) {
  const auto room = [&] {
    const ruleset::Ruleset ruleset = Compile(policy_, {}).value();
    std::pair<uint64_t, uint64_t> sum_and_least(0, UINT64_MAX);
    for (const auto& [name, set] : ruleset.inet->sets) {
      if (!set.updated || absl::StartsWith(name, "dhcp.")) continue;
      EXPECT_GT(set.capacity, 0u) << name;
      sum_and_least.first += set.capacity;
      sum_and_least.second = std::min<uint64_t>(sum_and_least.second, set.capacity);
    }
    return sum_and_least;
  };
  AddLimited(1);
  EXPECT_EQ(room(), std::pair(uint64_t{2 * 65'536}, uint64_t{65'536}));
  AddLimited(499);
  EXPECT_LE(room().first, uint64_t{1} << 21);
  EXPECT_GE(room().second, 1024u);
}

TEST_F(CheckSizeTest, TooManyLimitsForEachSourceAreRefused) {
  AddLimited(kMostMeters / 2);
  EXPECT_TRUE(CheckSize(policy_).ok()) << CheckSize(policy_);
  AddLimited(1);
  const absl::Status status = CheckSize(policy_);
  ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("limit for each source"));
}

// The kernel looks through all sets of a table for each set that is named.
TEST_F(CheckSizeTest, TooManyListsOfAddressesAreRefused) {
  const auto add = [&](size_t mappings) {
    for (size_t i = 0; i < mappings; ++i) {
      const auto number = static_cast<uint32_t>(Base().inbound().items_size()) + 1;
      AddPrefix(Add(*Base().mutable_inbound(), number, number), number);
    }
  };
  add(kMostSets / 2 - 50);
  ASSERT_TRUE(CheckSize(policy_).ok()) << CheckSize(policy_);
  add(kMostSets);
  const absl::Status status = CheckSize(policy_);
  ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("lists of their own"));
  EXPECT_THAT(MappingAtFault(status), testing::StartsWith("Policy/p, mapping m"));
}

// Lists that do not overlap are compared pair by pair until that is known.
TEST_F(CheckSizeTest, LongListsInFrontOfWhatIsSentOnAreNotComparedWithoutEnd) {
  constexpr uint32_t kLong = 64;
  const auto add = [&](uint32_t list) -> v1::Mapping& {
    v1::Mapping& mapping = Add(*Base().mutable_inbound(), 80, 80);
    for (uint32_t i = 0; i < kLong; ++i) AddPrefix(mapping, list * kLong + i);
    return mapping;
  };
  for (uint32_t list = 0; list < 2'000; ++list) add(list);
  // What comes behind a limit for all of them is looked for in other maps.
  v1::Limit& limit = *Add(*Base().mutable_inbound(), 80, 80).mutable_limit();
  limit.set_flows(10);
  limit.set_seconds(1);
  limit.set_burst(5);
  for (uint32_t list = 2'000; list < 2'060; ++list) add(list).mutable_forward()->set_port(8080);
  const absl::Status status = CheckSize(policy_);
  ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("in front of some"));
}

TEST_F(CheckSizeTest, SectionsThatMakeNoTwoInterfacesAlikeAreRefused) {
  // Each interface is named by one section of each layer, by another pair than all others.
  for (const bool low : {false, true}) {
    v1::Layer& layer = *policy_.mutable_locations(0)->add_layers();
    for (uint32_t section = 0; section < 40; ++section) {
      v1::InterfaceLayer& added = *layer.add_interfaces();
      added.mutable_settings()->set_firewall(v1::Firewall::observe);
      for (uint32_t i = 0; i < 40; ++i) {
        const uint32_t number = low ? section + 40 * i : 40 * section + i;
        added.mutable_match()->add_names(absl::StrCat("eth", number));
      }
    }
  }
  const absl::Status status = CheckSize(policy_);
  ASSERT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("sections for interfaces"));
  EXPECT_EQ(Compile(policy_, {}).status(), status) << "a host says the same";
}

TEST_F(CheckSizeTest, ManyInterfacesThatSectionsNameAtManyLocationsAreRefused) {
  for (int i = 0; i < 200; ++i) {
    v1::EffectiveLocation& location = *policy_.add_locations();
    location.set_name(absl::StrCat("place", i));
    v1::Layer& layer = *location.add_layers();
    for (uint32_t section = 0; section < 8; ++section) {
      v1::InterfaceLayer& added = *layer.add_interfaces();
      added.mutable_settings()->set_firewall(v1::Firewall::observe);
      added.mutable_match()->add_names(absl::StrCat("eth", section));
    }
  }
  EXPECT_TRUE(absl::IsResourceExhausted(CheckSize(policy_)));
  policy_.mutable_locations()->DeleteSubrange(20, policy_.locations_size() - 20);
  EXPECT_TRUE(CheckSize(policy_).ok()) << CheckSize(policy_);
}

}  // namespace
}  // namespace firebreak::policy
