// SPDX-License-Identifier: Apache-2.0

// Tests that each location, policy, mapping and interface has chains and sets of its own, whatever
// users call it.

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "policy/compile/compile.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

using Random = std::minstd_rand;

// Words that the compiler itself uses, and bytes that might collide with them when joined.
constexpr const char* kWords[] = {"corp",      "others",  "private", "s0-0",      "s0-0_1-0",
                                  "ports",     "in",      "ranges",  "sources4",  "interfaces",
                                  "essential", "related", "observe", "forwarded", "proxied4",
                                  "to4",       "a",       "b"};
constexpr const char* kJoints[] = {".", "_", "-", ".", ""};

std::string RandomName(Random& random) {
  while (true) {
    std::string name;
    for (uint32_t words = 1 + random() % 3; words > 0; --words) {
      name += kWords[random() % std::size(kWords)];
      if (words > 1) name += kJoints[random() % std::size(kJoints)];
    }
    if (IsName(name)) return name;
  }
}

// Returns a random name; every byte allowed in the name of an interface may occur.
std::string RandomInterfaceName(Random& random) {
  while (true) {
    std::string name;
    for (uint32_t bytes = 1 + random() % 5; bytes > 0; --bytes) {
      name += static_cast<char>('!' + random() % ('~' - '!' + 1));
    }
    if (CheckInterfaceName(name, /*pattern=*/false).ok()) return name;
  }
}

struct Names {
  std::vector<std::string> locations;
  std::vector<std::pair<std::string, std::string>> mappings;  // policy and mapping
  std::vector<std::string> interfaces;
};

template <typename Value>
std::vector<Value> Distinct(size_t count, const std::function<Value()>& make) {
  std::set<Value> known;
  std::vector<Value> values;
  while (values.size() < count) {
    Value value = make();
    if (known.insert(value).second) values.push_back(std::move(value));
  }
  return values;
}

Names RandomNames(Random& random) {
  return {.locations = Distinct<std::string>(4, [&] { return RandomName(random); }),
          .mappings = Distinct<std::pair<std::string, std::string>>(
              4, [&] { return std::pair(RandomName(random), RandomName(random)); }),
          .interfaces = Distinct<std::string>(3, [&] { return RandomInterfaceName(random); })};
}

Names PlainNames() {
  return {.locations = {"l1", "l2", "l3", "l4"},
          .mappings = {{"p1", "m1"}, {"p2", "m2"}, {"p3", "m3"}, {"p4", "m4"}},
          .interfaces = {"eth1", "eth2", "eth3"}};
}

void AddMapping(v1::Mappings& mappings, const std::pair<std::string, std::string>& name,
                uint32_t port, bool forward) {
  v1::Mapping& mapping = *mappings.add_items();
  mapping.set_policy(name.first);
  mapping.set_name(name.second);
  mapping.set_action(v1::Traffic::allow);
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(17);
  range.set_first(port);
  range.set_last(port);
  if (forward) mapping.mutable_forward()->set_port(8080);
}

// Returns a policy with the same settings at each location, except ports that distinguish the
// locations. The middle interface has a section of its own; the last falls under a section by its
// type.
v1::EffectivePolicy PolicyWith(const Names& names) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  policy.add_locations()->set_name("elsewhere");
  for (const std::string& name : names.locations) policy.add_locations()->set_name(name);
  uint32_t port = 1000;
  for (v1::EffectiveLocation& location : *policy.mutable_locations()) {
    v1::Layer& layer = *location.add_layers();
    AddMapping(*layer.mutable_settings()->mutable_inbound(), names.mappings[0], ++port, true);
    for (const auto& name : names.mappings) {
      AddMapping(*layer.mutable_settings()->mutable_outbound(), name, ++port, false);
      v1::PortRange& response =
          *layer.mutable_settings()->mutable_outbound()->mutable_items()->rbegin()->add_responses();
      response.set_protocol(17);
      response.set_first(++port);
      response.set_last(port);
    }
    v1::InterfaceLayer& named = *layer.add_interfaces();
    named.mutable_match()->add_names(names.interfaces[1]);
    AddMapping(*named.mutable_settings()->mutable_inbound(), names.mappings[1], ++port, true);
    v1::InterfaceLayer& typed = *layer.add_interfaces();
    typed.mutable_match()->add_types("wireless");
    typed.mutable_settings()->set_firewall(v1::Firewall::observe);
  }
  return policy;
}

absl::StatusOr<ruleset::Ruleset> CompileWith(const Names& names) {
  const std::vector<Interface> interfaces = {{names.interfaces[0], "ethernet", 2},
                                             {names.interfaces[1], "ethernet", 3},
                                             {names.interfaces[2], "wireless", 4}};
  return Compile(PolicyWith(names), interfaces);
}

TEST(Scopes, NoTwoShareAChainOrASetWhateverTheyAreCalled) {
  const ruleset::Ruleset plain = CompileWith(PlainNames()).value();
  Random random(7);
  for (int i = 0; i < 300; ++i) {
    const Names names = RandomNames(random);
    const auto ruleset = CompileWith(names);
    ASSERT_TRUE(ruleset.ok()) << ruleset.status();
    ASSERT_EQ(ruleset->inet->chains.size(), plain.inet->chains.size()) << i;
    ASSERT_EQ(ruleset->inet->sets.size(), plain.inet->sets.size()) << i;
    ASSERT_EQ(ruleset->netdev->chains.size(), plain.netdev->chains.size()) << i;
    ASSERT_EQ(CountElements(*ruleset), CountElements(plain)) << i;
  }
}

TEST(Scopes, NamesFitTheKernelHoweverManySectionsHoldForAnInterface) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation& location = *policy.add_locations();
  location.set_name("elsewhere");
  for (int layer = 0; layer < 200; ++layer) {
    v1::InterfaceLayer& section = *location.add_layers()->add_interfaces();
    section.mutable_match()->add_names("eth0");
    AddMapping(*section.mutable_settings()->mutable_inbound(), {"p", "m"},
               static_cast<uint32_t>(1000 + layer), true);
  }
  const ruleset::Ruleset ruleset = Compile(policy, {}).value();
  for (const auto& [name, chain] : ruleset.inet->chains) EXPECT_LT(name.size(), 256u) << name;
  for (const auto& [name, set] : ruleset.inet->sets) EXPECT_LT(name.size(), 256u) << name;
}

}  // namespace
}  // namespace firebreak::policy
