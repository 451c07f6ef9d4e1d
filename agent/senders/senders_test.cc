// SPDX-License-Identifier: Apache-2.0
#include "agent/senders/senders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

v1::EffectivePolicy PolicyWith(const std::vector<std::string>& units) {
  v1::EffectivePolicy policy;
  v1::Settings& settings = *policy.add_locations()->add_layers()->mutable_settings();
  v1::Mapping& mapping = *settings.mutable_outbound()->add_items();
  for (const std::string& unit : units) mapping.add_units(unit);
  mapping.add_users("root");
  mapping.add_users("1234567");
  mapping.add_users("no-such-user");
  mapping.add_user_groups("no-such-group");
  return policy;
}

TEST(Senders, AreWhoTheHostSaysTheyAre) {
  const SenderNames names = SendersIn(PolicyWith({"no-such.service"}));
  EXPECT_THAT(names.units, ElementsAre("no-such.service"));
  const policy::Senders found = FindOnHost(names);
  EXPECT_THAT(found.users, ElementsAre(testing::Pair("root", 0)));
  EXPECT_THAT(found.groups, IsEmpty());
  EXPECT_THAT(found.units, IsEmpty());
}

TEST(Senders, WhoAreNobodyAreNamedWithTheReason) {
  const SenderNames names = SendersIn(PolicyWith({"no-such.service"}));
  const policy::Senders found = FindOnHost(names);
  EXPECT_THAT(DescribeUnknown(names, found, true),
              ElementsAre("unit no-such.service: it is not running",
                          "user no-such-user: /etc/passwd has none",
                          "group no-such-group: /etc/group has none"));
  EXPECT_THAT(DescribeUnknown(names, found, false)[0], HasSubstr("cgroup2 is not mounted"));
}

TEST(Senders, WhoAreNobodyAreNotListedWithoutEnd) {
  SenderNames names;
  for (int i = 0; i < 100; ++i) names.units.insert("u" + std::to_string(i) + ".service");
  const std::vector<std::string> lines = DescribeUnknown(names, {}, true);
  EXPECT_THAT(lines, SizeIs(20));
  EXPECT_EQ(lines.back(), "81 more");
}

}  // namespace
}  // namespace firebreak::agent
