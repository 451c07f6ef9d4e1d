// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/wanted_switch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/switch/switch_question.h"
#include "policy/merge/local_switch.h"
#include "policy/resources/icmp_options.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

v1::LocalSwitchQuestion Icmp(const std::vector<std::string>& names) {
  v1::LocalSwitchQuestion question;
  v1::Names& messages = *question.mutable_icmp()->mutable_messages();
  for (const std::string& name : names) messages.add_items(name);
  return question;
}

v1::LocalSwitchQuestion Log() {
  v1::LocalSwitchQuestion question;
  question.mutable_logging()->mutable_settings()->set_dropped(false);
  return question;
}

std::string Refusal(const v1::LocalSwitchQuestion& question) {
  return std::string(CheckWantedSwitch(question).message());
}

TEST(WantedSwitch, NamesEachMessageOnceAsAgentsKnowIt) {
  const auto asked = Icmp({"redirect", "router-request", "redirect"});
  EXPECT_TRUE(CheckWantedSwitch(asked).ok());
  EXPECT_THAT(WantedSwitch(asked).icmp().messages().items(),
              ElementsAre("redirect", "router-solicitation"));
  EXPECT_EQ(WantedSwitch(Icmp({"all"})).icmp().messages().items_size(),
            static_cast<int>(policy::AllIcmpOptions().size()));
  const auto none = Icmp({});
  EXPECT_TRUE(CheckWantedSwitch(none).ok());
  EXPECT_FALSE(policy::LeavesToPolicy(WantedSwitch(none))) << "no message is a wish, too";
  v1::LocalSwitchQuestion end;
  end.mutable_icmp();
  EXPECT_TRUE(CheckWantedSwitch(end).ok());
  EXPECT_TRUE(policy::LeavesToPolicy(WantedSwitch(end)));
}

TEST(WantedSwitch, RefusesWhatMeansNothing) {
  EXPECT_THAT(Refusal(Icmp({"ping"})), HasSubstr("unknown ICMP message ping; there are echo-"));
  EXPECT_THAT(Refusal(Icmp(std::vector<std::string>(17, "redirect"))), HasSubstr("more than 16"));
  auto both = Icmp({"redirect"});
  both.set_mode(v1::Firewall::off);
  EXPECT_THAT(Refusal(both), HasSubstr("each by itself"));
  both = Log();
  both.mutable_icmp();
  EXPECT_THAT(Refusal(both), HasSubstr("each by itself"));
  auto of_interface = Log();
  of_interface.set_interface("eth0");
  EXPECT_THAT(Refusal(of_interface), HasSubstr("the whole host"));
  auto file = Log();
  file.mutable_logging()->mutable_settings()->set_file("/etc/shadow");
  EXPECT_THAT(Refusal(file), HasSubstr("the policy's to say"));
  auto nothing = Log();
  nothing.mutable_logging()->mutable_settings()->clear_dropped();
  EXPECT_THAT(Refusal(nothing), HasSubstr("what of the log"));
  auto large = Log();
  large.mutable_logging()->mutable_settings()->set_max_size_kib(40'000);
  EXPECT_THAT(Refusal(large), HasSubstr("out of range"));
  auto several = Icmp({});
  several.set_interface("eth*");
  EXPECT_FALSE(CheckWantedSwitch(several).ok());
  several.mutable_icmp()->clear_messages();
  EXPECT_TRUE(CheckWantedSwitch(several).ok()) << "whatever was switched can be given back";
  v1::LocalSwitchQuestion observe;
  observe.set_mode(v1::Firewall::observe);
  EXPECT_THAT(Refusal(observe), HasSubstr("`disable` or `enable`"));
}

TEST(WantedSwitch, RefusesWhatItDoesNotKnow) {
  v1::LocalSwitchQuestion question;
  question.GetReflection()->MutableUnknownFields(&question)->AddVarint(99, 1);
  EXPECT_THAT(Refusal(question), HasSubstr("does not know"));
  question = Log();
  v1::Logging& settings = *question.mutable_logging()->mutable_settings();
  settings.GetReflection()->MutableUnknownFields(&settings)->AddVarint(99, 1);
  EXPECT_THAT(Refusal(question), HasSubstr("does not know"));
}

TEST(WantedSwitch, IsSafeToStoreAndToShow) {
  auto hostile = Icmp(std::vector<std::string>(40, std::string(5000, '\x1b')));
  hostile.set_interface(std::string(5000, '\n'));
  hostile.set_location("\x1b[2J");
  hostile.set_reason(std::string(5000, '\x1b'));
  const v1::LocalSwitch wanted = WantedSwitch(hostile);
  EXPECT_LT(wanted.ByteSizeLong(), 2000u);
  EXPECT_THAT(wanted.DebugString(), Not(HasSubstr("\\033")));
  auto log = Log();
  log.mutable_logging()->mutable_settings()->set_file(std::string(5000, 'x'));
  EXPECT_LT(WantedSwitch(log).ByteSizeLong(), 100u);
}

TEST(WantedSwitch, IsToldAsWhatItIsAbout) {
  v1::LocalSwitchEvent event;
  *event.mutable_what() = WantedSwitch({});
  EXPECT_TRUE(SwitchEventOf(event).has_local_switch());
  *event.mutable_what() = WantedSwitch(Icmp({}));
  EXPECT_TRUE(SwitchEventOf(event).has_local_option());
  *event.mutable_what() = WantedSwitch(Log());
  EXPECT_TRUE(SwitchEventOf(event).has_local_option());
}

TEST(SwitchQuestion, SaysWhatIsWantedAndWhatItMakesVulnerable) {
  auto asked = Icmp({"all"});
  asked.set_interface("eth0");
  asked.set_reason("Büro\x1b");
  v1::LocalSwitch wanted = WantedSwitch(asked);
  wanted.set_user("root");
  wanted.set_program("/usr/bin/game (process 7)");
  v1::InterfaceState state;
  state.set_name("eth0");
  state.set_firewall("on");
  state.set_location("elsewhere");
  const std::string question = SwitchQuestion(wanted, {state});
  for (const char* words :
       {"ICMP options", "eth0, wherever it is", "redirect: others on the network",
        "game (process 7)", "eth0 is on at elsewhere"}) {
    EXPECT_THAT(question, HasSubstr(words));
  }
  for (const policy::IcmpOption option : policy::AllIcmpOptions()) {
    EXPECT_THAT(question, HasSubstr(std::string(policy::IcmpOptionName(option)) + ": "));
  }
  for (const char c : question) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << question;
  EXPECT_THAT(SwitchQuestion(WantedSwitch(Log()), {}), HasSubstr("can go unseen"));
  v1::LocalSwitchQuestion off;
  off.set_mode(v1::Firewall::off);
  EXPECT_THAT(SwitchQuestion(WantedSwitch(off), {}), HasSubstr("switched OFF"));
}

}  // namespace
}  // namespace firebreak::agent
