// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/check_effective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

using testing::HasSubstr;

v1::EffectivePolicy Good() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation& location = *policy.add_locations();
  location.set_name("elsewhere");
  v1::Layer& layer = *location.add_layers();
  layer.mutable_settings()->set_firewall(v1::Firewall::on);
  layer.mutable_settings()->set_firewall_policy("p");
  layer.mutable_settings()->mutable_icmp()->add_items("echo-request");
  layer.mutable_settings()->set_icmp_policy("p");
  v1::Mapping& mapping = *layer.mutable_settings()->mutable_inbound()->add_items();
  mapping.set_name("ssh");
  mapping.set_policy("p");
  mapping.set_action(v1::Traffic::allow);
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(6);
  range.set_first(22);
  range.set_last(22);
  v1::Prefix& prefix = *mapping.add_remote();
  prefix.set_address(std::string("\x0a\0\0\0", 4));
  prefix.set_length(8);
  layer.add_interfaces()->mutable_match()->add_types("wireless");
  return policy;
}

std::string Refusal(const std::function<void(v1::EffectivePolicy&)>& spoil) {
  v1::EffectivePolicy policy = Good();
  spoil(policy);
  return std::string(CheckEffective(policy).message());
}

v1::Layer& Top(v1::EffectivePolicy& policy) {
  return *policy.mutable_locations(0)->mutable_layers(0);
}
v1::Mapping& Ssh(v1::EffectivePolicy& policy) {
  return *Top(policy).mutable_settings()->mutable_inbound()->mutable_items(0);
}

TEST(CheckEffective, TakesWhatIsRight) {
  EXPECT_TRUE(CheckEffective(Good()).ok()) << CheckEffective(Good());
  v1::EffectivePolicy unmanaged;
  unmanaged.add_locations()->set_name("elsewhere");
  EXPECT_TRUE(CheckEffective(unmanaged).ok());
}

TEST(CheckEffective, NamesTheMappingAtFault) {
  const char where[] = "location \"elsewhere\": policy \"p\", mapping \"ssh\": ";
  const auto ports = [](uint32_t protocol, uint32_t first, uint32_t last) {
    return [=](v1::EffectivePolicy& policy) {
      Ssh(policy).mutable_ports(0)->set_protocol(protocol);
      Ssh(policy).mutable_ports(0)->set_first(first);
      Ssh(policy).mutable_ports(0)->set_last(last);
    };
  };
  EXPECT_THAT(Refusal(ports(0, 1, 1)), HasSubstr(absl::StrCat(where, "ports of any protocol")));
  EXPECT_THAT(Refusal(ports(256, 1, 1)), HasSubstr("protocol 256"));
  EXPECT_THAT(Refusal(ports(6, 2, 1)), HasSubstr("no range"));
  EXPECT_THAT(Refusal(ports(6, 1, 65536)), HasSubstr("no range"));
  EXPECT_THAT(Refusal(ports(50, 1, 1)), HasSubstr("has no ports"));
  EXPECT_EQ(Refusal(ports(50, 0, 65535)), "");
  EXPECT_THAT(Refusal([](auto& policy) { Ssh(policy).clear_ports(); }), HasSubstr("no ports"));
  EXPECT_THAT(Refusal([](auto& policy) { Ssh(policy).clear_action(); }), HasSubstr("action 0"));
  EXPECT_THAT(
      Refusal([](auto& policy) { Ssh(policy).set_action(static_cast<v1::Traffic::Action>(7)); }),
      HasSubstr("value 7"));
  EXPECT_THAT(Refusal([](auto& policy) { Ssh(policy).set_name("A"); }), HasSubstr("not a name"));
  EXPECT_THAT(Refusal([](auto& policy) { Ssh(policy).set_policy(""); }), HasSubstr("not a name"));
}

TEST(CheckEffective, ChecksPrefixes) {
  const auto prefix = [](const std::string& address, uint32_t length) {
    return [=](v1::EffectivePolicy& policy) {
      Ssh(policy).mutable_remote(0)->set_address(address);
      Ssh(policy).mutable_remote(0)->set_length(length);
    };
  };
  EXPECT_THAT(Refusal(prefix("abc", 0)), HasSubstr("3 bytes"));
  EXPECT_THAT(Refusal(prefix(std::string(4, '\0'), 33)), HasSubstr("length of 33"));
  EXPECT_THAT(Refusal(prefix(std::string("\x0a\x01\0\0", 4), 8)), HasSubstr("host bits"));
  EXPECT_EQ(Refusal(prefix(std::string(16, '\xff'), 128)), "");
  EXPECT_EQ(Refusal(prefix(std::string(16, '\0'), 0)), "");
}

TEST(CheckEffective, ChecksWhatIsAroundTheMappings) {
  EXPECT_THAT(Refusal([](auto& policy) { policy.clear_locations(); }), HasSubstr("elsewhere"));
  EXPECT_THAT(Refusal([](auto& policy) { policy.mutable_locations(0)->set_name("corp"); }),
              HasSubstr("elsewhere"));
  EXPECT_THAT(Refusal([](auto& policy) { policy.add_locations()->set_name("elsewhere"); }),
              HasSubstr("twice"));
  EXPECT_THAT(Refusal([](auto& policy) { policy.add_locations()->set_name("a/b"); }),
              HasSubstr("not a name"));
  EXPECT_THAT(Refusal([](auto& policy) { policy.set_managed(false); }), HasSubstr("unmanaged"));
  EXPECT_THAT(Refusal([](auto& policy) {
                *Top(policy).mutable_settings()->mutable_inbound()->add_items() = Ssh(policy);
              }),
              HasSubstr("two of that name"));
  EXPECT_THAT(Refusal([](auto& policy) {
                Top(policy).mutable_settings()->mutable_icmp()->add_items("ping");
              }),
              HasSubstr("ICMP option \"ping\""));
  EXPECT_THAT(Refusal([](auto& policy) {
                Top(policy).mutable_settings()->set_firewall(static_cast<v1::Firewall::Mode>(9));
              }),
              HasSubstr("value 9"));
  EXPECT_THAT(Refusal([](auto& policy) { Top(policy).mutable_settings()->clear_icmp(); }),
              HasSubstr("not set"));
  EXPECT_THAT(Refusal([](auto& policy) { Top(policy).add_interfaces(); }), HasSubstr("matches 0"));
  EXPECT_THAT(Refusal([](auto& policy) {
                Top(policy).mutable_interfaces(0)->mutable_match()->add_names("a/b");
              }),
              HasSubstr("not the name of an interface"));
  EXPECT_THAT(Refusal([](auto& policy) {
                Top(policy).mutable_interfaces(0)->mutable_match()->add_types("x");
              }),
              HasSubstr("interface type"));
}

TEST(CheckEffective, HasLimits) {
  v1::EffectivePolicy policy = Good();
  v1::Mappings& list = *Top(policy).mutable_settings()->mutable_inbound();
  for (int i = 1; i < kMaxEffectiveMappings; ++i) {
    *list.add_items() = list.items(0);
    list.mutable_items(i)->set_name(absl::StrCat("m", i));
  }
  EXPECT_TRUE(CheckEffective(policy).ok()) << CheckEffective(policy);
  *list.add_items() = list.items(0);
  list.mutable_items(kMaxEffectiveMappings)->set_name("one-more");
  EXPECT_EQ(CheckEffective(policy).code(), absl::StatusCode::kResourceExhausted);

  policy = Good();
  for (int i = 0; i < kMaxLocations; ++i) policy.add_locations()->set_name(absl::StrCat("l", i));
  EXPECT_EQ(CheckEffective(policy).code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace firebreak::policy
