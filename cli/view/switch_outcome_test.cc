// SPDX-License-Identifier: Apache-2.0
#include "cli/view/switch_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::InterfaceState State(const char* name, const char* location, const char* firewall,
                         const char* policy) {
  v1::InterfaceState state;
  state.set_name(name);
  state.set_location(location);
  state.set_firewall(firewall);
  state.set_firewall_policy(policy);
  return state;
}

v1::Edit Off(const char* name, const char* group, const char* interface) {
  v1::Edit edit;
  edit.set_name(name);
  edit.set_group(group);
  edit.set_interface(interface);
  edit.set_firewall(v1::Firewall::off);
  return edit;
}

TEST(SwitchOutcome, IsFineWhereAllHoldsThatWasAskedFor) {
  const auto holds = WhatHolds("web-1", {State("eth0", "elsewhere", "on", "edit-2")},
                               {.mode = v1::Firewall::on}, {});
  EXPECT_EQ(holds.interfaces_size(), 1);
  EXPECT_THAT(holds.against(), IsEmpty());
  EXPECT_TRUE(SwitchOutcome({holds}, {.mode = v1::Firewall::on}).ok());
}

TEST(SwitchOutcome, NamesTheEditThatStandsAgainstItAndHowItIsEnded) {
  const WantedSwitch wanted = {.mode = v1::Firewall::on};
  const auto holds = WhatHolds(
      "web-1",
      {State("eth0", "elsewhere", "off", "edit-3"), State("eth1", "elsewhere", "on", "edit-4")},
      wanted, {Off("edit-3", "host:web-1", "eth0")});
  EXPECT_THAT(holds.against(),
              ElementsAre(AllOf(HasSubstr("eth0 at elsewhere: the firewall is off, set by edit-3"),
                                HasSubstr("switch clear --host web-1 --interface eth0"))));
  const absl::Status status = SwitchOutcome({holds}, wanted);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(status.message(), HasSubstr("\nweb-1: eth0 at elsewhere"));
}

TEST(SwitchOutcome, TellsOfTheHostsOwnSwitch) {
  v1::InterfaceState state = State("eth0", "elsewhere", "off", "local");
  state.mutable_local_switch()->set_user("root");
  state.mutable_local_switch()->set_reason("a printer\nweb-2: fine");
  const WantedSwitch wanted = {.mode = v1::Firewall::on};
  const absl::Status status = SwitchOutcome({WhatHolds("web-1", {state}, wanted, {})}, wanted);
  EXPECT_THAT(status.message(), HasSubstr("switched on the host itself by root (a printer web-2"));
}

TEST(SwitchOutcome, LooksOnlyAtTheInterfacesAndTheLocationThatTheSwitchIsAbout) {
  const std::vector<v1::InterfaceState> states = {State("eth0", "corp", "off", "a"),
                                                  State("eth1", "elsewhere", "on", "b"),
                                                  State("wlan0", "corp", "on", "c")};
  const WantedSwitch wanted = {v1::Firewall::off, "eth*", "corp"};
  const auto holds = WhatHolds("web-1", states, wanted, {});
  ASSERT_EQ(holds.interfaces_size(), 1);
  EXPECT_EQ(holds.interfaces(0).name(), "eth0");
  EXPECT_TRUE(SwitchOutcome({holds}, wanted).ok());
}

TEST(SwitchOutcome, AMisspeltInterfaceIsNotSwitched) {
  const WantedSwitch wanted = {v1::Firewall::off, "eht0", ""};
  const auto holds = WhatHolds("web-1", {State("eth0", "elsewhere", "on", "a")}, wanted, {});
  EXPECT_THAT(SwitchOutcome({holds}, wanted).message(), HasSubstr("no interface eht0"));
}

TEST(SwitchOutcome, AHostThatDoesNotAnswerIsNotTakenForDone) {
  v1::HostFirewall silent;
  silent.set_host("web-2");
  silent.set_error("offline");
  EXPECT_THAT(SwitchOutcome({silent}, {.mode = v1::Firewall::on}).message(),
              HasSubstr("web-2: the state of the firewall is unknown: offline"));
  EXPECT_FALSE(SwitchOutcome({silent}, {}).ok()) << "the end of a switch is to be seen too";
}

TEST(SwitchOutcome, AnUnmanagedHostIsNotOn) {
  const WantedSwitch wanted = {.mode = v1::Firewall::on};
  EXPECT_THAT(WhatHolds("web-1", {State("eth0", "", "", "")}, wanted, {}).against(),
              ElementsAre(HasSubstr("off, unmanaged")));
}

}  // namespace
}  // namespace firebreak::cli
