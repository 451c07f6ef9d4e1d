// SPDX-License-Identifier: Apache-2.0
#include "agent/mappings/check_wanted.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::agent {
namespace {

using testing::HasSubstr;

v1::LocalMapping Good() {
  v1::LocalMapping wanted;
  wanted.mutable_mapping()->set_protocol("udp");
  wanted.mutable_mapping()->add_ports("27000-27050");
  wanted.set_reason("a game");
  wanted.set_seconds(3600);
  return wanted;
}

TEST(CheckWantedTest, KeepsWhatIsTheWantersToSay) {
  v1::LocalMapping asked = Good();
  asked.set_number(7);
  asked.set_uid(0);
  asked.set_user("root");
  asked.set_program("/usr/sbin/sshd");
  asked.set_granted_by("root");
  asked.mutable_ends()->set_seconds(1);
  asked.set_interface("eth0");
  asked.set_location("home");
  asked.set_reason("a\x1b[2J game\nnumber 1 \xe2\x80\xae.");
  const auto wanted = CheckWanted(asked, Wanter::kOther);
  ASSERT_TRUE(wanted.ok()) << wanted.status();
  EXPECT_EQ(wanted->number(), 0u);
  EXPECT_EQ(wanted->user(), "");
  EXPECT_EQ(wanted->program(), "");
  EXPECT_EQ(wanted->granted_by(), "");
  EXPECT_FALSE(wanted->has_ends());
  EXPECT_EQ(wanted->interface(), "eth0");
  EXPECT_EQ(wanted->location(), "home");
  EXPECT_EQ(wanted->reason(), "a?[2J game?number 1 ?.");
}

using Change = std::function<void(v1::LocalMapping&)>;

TEST(CheckWantedTest, RefusesWhatMeansNothingOrMore) {
  const std::vector<std::pair<Change, std::string>> bad = {
      {[](auto& one) { one.clear_mapping(); }, ""},
      {[](auto& one) { one.mutable_mapping()->set_ports(0, "70000"); }, "70000"},
      {[](auto& one) { one.mutable_mapping()->set_ports(0, "27\x1b[2J"); }, "\\x1b[2J"},
      {[](auto& one) { one.mutable_mapping()->add_from("nowhere"); }, "nowhere"},
      {[](auto& one) { one.mutable_mapping()->set_name("No Name"); }, "No Name"},
      {[](auto& one) {
         one.clear_mapping();
         one.mutable_mapping()->set_service("no-such");
       },
       "no-such"},
      {[](auto& one) { one.mutable_mapping()->set_action(v1::Traffic::block); }, "\"action\""},
      {[](auto& one) { one.mutable_mapping()->set_forward_to("192.0.2.1"); }, "\"forward_to\""},
      {[](auto& one) { one.mutable_mapping()->set_handshake(v1::Handshake::proxy); },
       "\"handshake\""},
      {[](auto& one) { one.mutable_mapping()->set_enabled(false); }, "\"enabled\""},
      {[](auto& one) { one.mutable_mapping()->set_expires("2030-01-01T00:00Z"); }, "\"expires\""},
      {[](auto& one) { one.mutable_mapping()->add_users("root"); }, "\"users\""},
      {[](auto& one) { one.mutable_mapping()->mutable_in()->add_names("eth0"); }, "\"in\""},
      {[](auto& one) {
         for (int i = 0; i < 20; ++i) one.mutable_mapping()->add_ports(absl::StrCat(2000 + i));
       },
       "more than 16"},
      {[](auto& one) {
         for (int i = 0; i < 16; ++i) {
           one.mutable_mapping()->add_from(absl::StrCat(i + 1, ".0.0.1-", i + 1, ".255.255.254"));
         }
       },
       "pairs"},
      {[](auto& one) { one.mutable_mapping()->set_ports(0, std::string(5000, '1')); }, "too long"},
      {[](auto& one) { one.set_interface("eth0/../x"); }, ""},
      {[](auto& one) { one.set_location(std::string(100, 'x')); }, "location"},
      {[](auto& one) { one.set_unit("../x.service"); }, ""},
      {[](auto& one) { one.set_seconds(uint64_t{1} << 63); }, "10 years"},
      {[](auto& one) {
         one.mutable_mapping()->ParseFromString(one.mapping().SerializeAsString() + "\xf8\x3f\x01");
       },
       "does not know"},
  };
  for (const auto& [change, reason] : bad) {
    v1::LocalMapping asked = Good();
    change(asked);
    const auto wanted = CheckWanted(asked, Wanter::kRoot);
    EXPECT_FALSE(wanted.ok()) << reason;
    EXPECT_THAT(std::string(wanted.status().message()), HasSubstr(reason));
  }
}

TEST(CheckWantedTest, WhoeverCanOnlyAskSaysMoreAndWantsLess) {
  const std::vector<std::pair<Change, std::string>> bad = {
      {[](auto& one) { one.clear_reason(); }, "\"reason\""},
      {[](auto& one) { one.clear_seconds(); }, "until when"},
      {[](auto& one) { one.set_seconds(40 * 86'400); }, "30 days"},
      {[](auto& one) { one.mutable_mapping()->set_ports(0, "80"); }, "below 1024"},
      {[](auto& one) { one.mutable_mapping()->set_ports(0, "1000-2000"); }, "below 1024"},
      {[](auto& one) {
         one.mutable_mapping()->clear_ports();
         one.mutable_mapping()->clear_protocol();
         one.mutable_mapping()->set_service("ssh");
       },
       "below 1024"},
      {[](auto& one) {
         one.mutable_mapping()->clear_ports();
         one.mutable_mapping()->set_protocol("gre");
       },
       "protocol with ports"},
      {[](auto& one) {
         one.mutable_mapping()->clear_ports();
         one.mutable_mapping()->set_protocol("any");
       },
       "protocol with ports"},
  };
  for (const auto& [change, reason] : bad) {
    v1::LocalMapping asked = Good();
    change(asked);
    const auto other = CheckWanted(asked, Wanter::kOther);
    EXPECT_FALSE(other.ok()) << reason;
    EXPECT_THAT(std::string(other.status().message()), HasSubstr(reason));
    EXPECT_TRUE(CheckWanted(asked, Wanter::kRoot).ok()) << reason;
  }
  v1::LocalMapping with_program = Good();
  with_program.clear_seconds();
  with_program.set_unit(kWithTheProgram);
  EXPECT_TRUE(CheckWanted(with_program, Wanter::kOther).ok());
}

}  // namespace
}  // namespace firebreak::agent
