// SPDX-License-Identifier: Apache-2.0
#include "cli/view/host_page.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

v1::Host Web() {
  v1::Host host;
  host.set_name("web-1");
  host.set_state("online");
  host.mutable_last_seen()->set_seconds(1'799'999'997);
  host.mutable_enrolled_at()->set_seconds(1'799'996'400);
  (*host.mutable_labels())["role"] = "web";
  host.add_groups("all");
  host.add_groups("web");
  host.set_agent_version("0.1.0");
  host.set_address("10.0.0.2:41000");
  host.set_revision(12);
  host.set_wanted(12);
  host.set_rollout("applied");
  host.mutable_facts()->set_kernel("6.18.0");
  v1::Interface* interface = host.mutable_facts()->add_interfaces();
  interface->set_name("eth0");
  interface->set_type("ethernet");
  interface->set_up(true);
  interface->add_addresses("10.0.0.2/24");
  interface->add_addresses("fd00::2/64");
  v1::Receipt* receipt = host.mutable_receipt();
  receipt->set_revision(12);
  receipt->set_policy_digest(std::string(32, '\x11'));
  receipt->set_ruleset_digest(std::string(32, '\xab'));
  receipt->set_apply_micros(4'210);
  receipt->set_changes(17);
  receipt->mutable_applied_at()->set_seconds(1'799'999'820);
  v1::InterfaceState* state = receipt->add_interfaces();
  state->set_name("eth0");
  state->set_location("elsewhere");
  state->set_firewall("on");
  state->set_firewall_policy("web");
  return host;
}

TEST(HostPage, NamesTheInterfaceThatKeepsTheWholeHostElsewhere) {
  v1::Host host = Web();
  EXPECT_THAT(HostPage(host, kNow, false), Not(HasSubstr("Host-wide")));
  host.mutable_receipt()->mutable_interfaces(0)->set_location("corp");
  EXPECT_THAT(HostPage(host, kNow, false), Not(HasSubstr("Host-wide")));
  v1::Interface* docker = host.mutable_facts()->add_interfaces();
  docker->set_name("docker0");
  docker->add_addresses("172.17.0.1/16");
  v1::InterfaceState* state = host.mutable_receipt()->add_interfaces();
  state->set_name("docker0");
  state->set_location("elsewhere");
  EXPECT_THAT(HostPage(host, kNow, false),
              HasSubstr("Host-wide   elsewhere, because of the addresses of docker0 (without a "
                        "carrier)\n"));
}

TEST(HostPage, AHostThatIsWell) {
  EXPECT_EQ(HostPage(Web(), kNow, false),
            "Name        web-1\n"
            "State       online, last seen 2027-01-15 07:59:57 UTC (3 s ago)\n"
            "Labels      role=web\n"
            "Groups      all, web\n"
            "Agent       0.1.0\n"
            "Kernel      6.18.0\n"
            "Address     10.0.0.2:41000\n"
            "Enrolled    2027-01-15 07:00:00 UTC (1 h ago)\n"
            "Rollout     applied\n"
            "Revision    12\n"
            "Receipt     ruleset abababababab, policy 111111111111\n"
            "            17 objects changed in 4.2 ms, 2027-01-15 07:57:00 UTC (3 min ago)\n"
            "\n"
            "INTERFACE  TYPE      LINK  ADDRESSES               LOCATION   FIREWALL  SET BY\n"
            "eth0       ethernet  up    10.0.0.2/24 fd00::2/64  elsewhere  on        web\n");
}

TEST(HostPage, AnUndoneRevisionWithReasonAndNextStep) {
  v1::Host host = Web();
  host.set_wanted(13);
  host.set_rollout("undone");
  v1::Refusal* refusal = host.mutable_refusal();
  refusal->set_revision(13);
  refusal->set_kind(v1::Refusal::undone);
  refusal->set_reason("no new connection to 10.0.0.1:7443 within 30 s");
  refusal->set_resource("Policy/lockout");
  refusal->mutable_at()->set_seconds(1'799'999'940);
  const std::string page = HostPage(host, kNow, false);
  EXPECT_THAT(page, HasSubstr("Revision    12, wanted 13\n"));
  EXPECT_THAT(page, HasSubstr("Undone      revision 13, 2027-01-15 07:59:00 UTC (1 min ago)\n"
                              "Reason      no new connection to 10.0.0.1:7443 within 30 s\n"
                              "Resource    Policy/lockout\n"
                              "Next        let the host reach its controller and apply again; "
                              "until then revision 12 is in force\n"));
}

TEST(HostPage, ARefusalWhoseCauseMayPassNeedsNobody) {
  v1::Host host = Web();
  host.set_wanted(13);
  host.set_rollout("refused");
  v1::Refusal* refusal = host.mutable_refusal();
  refusal->set_revision(13);
  refusal->set_kind(v1::Refusal::refused);
  refusal->set_reason("write policy.trial: No space left on device");
  refusal->set_trying_again(true);
  EXPECT_THAT(HostPage(host, kNow, false),
              HasSubstr("Next        the host tries again by itself; until then revision 12 is in "
                        "force\n"));
}

TEST(HostPage, AnOldRefusalIsHistory) {
  v1::Host host = Web();
  host.mutable_refusal()->set_revision(11);
  host.mutable_refusal()->set_reason("old");
  EXPECT_THAT(HostPage(host, kNow, false), Not(HasSubstr("old")));
}

TEST(HostPage, WhatOthersDidAndWhoElseDecides) {
  v1::Host host = Web();
  v1::Drift& drift = *host.mutable_facts()->mutable_drift();
  drift.set_times(3);
  drift.add_changed("rule added to chain input");
  drift.set_program("nft");
  drift.set_pid(77);
  drift.set_undone_micros(12'300);
  drift.mutable_at()->set_seconds(absl::ToUnixSeconds(kNow) - 60);
  for (const char* table : {"ip filter", "ip6 filter"}) {
    v1::Conflict& conflict = *host.mutable_facts()->add_conflicts();
    conflict.set_what("ufw");
    conflict.set_table(table);
    conflict.set_explanation("it judges too");
  }
  const std::string page = HostPage(host, kNow, false);
  EXPECT_THAT(page, HasSubstr("Changed     3 times by others, last 2027-01-15 07:59:00 UTC "
                              "(1 min ago) by nft, process 77\n"
                              "            rule added to chain input\n"
                              "            undone after 12.3 ms\n"));
  EXPECT_THAT(page, HasSubstr("Beside it   ufw, table ip filter, ip6 filter\n"
                              "            it judges too\n"));
  drift.set_error("no luck");
  EXPECT_THAT(HostPage(host, kNow, false), HasSubstr("            not undone: no luck\n"));
}

TEST(HostPage, WhatAHostSaysCannotReachTheTerminal) {
  v1::Host host = Web();
  host.mutable_facts()->set_kernel("\x1b]0;owned\x07");
  host.mutable_facts()->mutable_interfaces(0)->set_type("a\nState  online");
  const std::string page = HostPage(host, kNow, false);
  EXPECT_THAT(page, HasSubstr("Kernel      \\x1b]0;owned\\x07\n"));
  EXPECT_THAT(page, HasSubstr("a\\nState  online"));
}

TEST(HostPage, AHostNeverHeardOf) {
  v1::Host host;
  host.set_name("new");
  host.set_state("offline");
  host.set_wanted(3);
  const std::string page = HostPage(host, kNow, false);
  EXPECT_THAT(page, HasSubstr("State       offline, last seen never\n"));
  EXPECT_THAT(page, HasSubstr("Revision    none, wanted 3\n"));
  EXPECT_THAT(page, HasSubstr("Receipt     none yet\n"));
  EXPECT_THAT(page, HasSubstr("Next        it keeps the rules"));
  EXPECT_THAT(page, Not(HasSubstr("INTERFACE")));
}

TEST(HostPage, AnInterfaceThatOnlyTheReceiptKnows) {
  v1::Host host = Web();
  v1::InterfaceState* state = host.mutable_receipt()->add_interfaces();
  state->set_name("wg0");
  state->set_firewall("off");
  EXPECT_THAT(HostPage(host, kNow, false), HasSubstr("\nwg0 "));
}

}  // namespace
}  // namespace firebreak::cli
