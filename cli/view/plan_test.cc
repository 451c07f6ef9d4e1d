// SPDX-License-Identifier: Apache-2.0
#include "cli/view/plan.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

v1::Plan ExamplePlan() {
  v1::Plan plan;
  plan.set_id("0123456789abcdef");
  plan.set_revision(12);
  plan.set_hosts(120);
  plan.set_hosts_concerned(2);
  plan.set_complete(true);
  plan.set_opened(1);
  plan.set_settings(1);
  v1::PlanGroup& group = *plan.add_groups();
  group.add_hosts("web-1");
  group.add_hosts("web-2");
  v1::PlanDifference& difference = *group.add_differences();
  difference.set_complete(true);
  difference.add_places()->set_location("elsewhere");
  v1::PlanPlace& place = *difference.add_places();
  place.set_location("corp");
  place.set_interfaces("wireless interfaces");
  v1::PacketClass& packets = *difference.add_packets();
  packets.set_change(v1::PacketClass::opened);
  packets.set_direction("in");
  packets.add_traffic("tcp/22");
  packets.add_traffic("tcp/8080-8090");
  packets.add_remote("10.0.0.0/8");
  packets.mutable_before()->set_outcome("refused");
  packets.mutable_before()->set_cause("no mapping opens it");
  packets.mutable_after()->set_outcome("admitted");
  packets.mutable_after()->set_cause("mapping admin of policy web");
  packets.mutable_after()->set_file("web.yaml");
  packets.mutable_after()->set_line(7);
  v1::PacketWitness& witness = *packets.mutable_witness();
  witness.set_protocol("tcp");
  witness.set_remote("10.0.0.1");
  witness.set_source_port(40000);
  witness.set_destination_port(22);
  witness.set_confirmed(true);
  v1::SettingChange& setting = *difference.add_settings();
  setting.set_name("flows.udp_timeout");
  setting.set_before("60s");
  setting.set_after("30s");
  return plan;
}

TEST(PlanPage, SaysWhatIsOpenedWhereAndByWhom) {
  EXPECT_EQ(PlanPage(ExamplePlan(), false),
            "packets: 1 opened (a class); 1 setting; on 2 of 120 hosts\n"
            "\n"
            "2 hosts: web-1, web-2\n"
            "  at elsewhere; corp, wireless interfaces\n"
            "    opened   in   tcp/22, tcp/8080-8090 from 10.0.0.0/8\n"
            "             before  refused: no mapping opens it\n"
            "             after   admitted: mapping admin of policy web (web.yaml:7)\n"
            "             such as tcp from 10.0.0.1 to port 22\n"
            "    setting  flows.udp_timeout: 60s -> 30s\n"
            "\n"
            "plan 0123456789abcdef against revision 12; `firebreak apply --plan "
            "0123456789abcdef -f …` makes exactly this change\n");
}

TEST(PlanPage, NothingIsSaidOnlyOfAPlanThatIsComplete) {
  v1::Plan plan;
  plan.set_complete(true);
  EXPECT_EQ(PlanPage(plan, false), "no packet is treated otherwise, and no setting changes\n");
  plan.set_complete(false);
  EXPECT_THAT(PlanPage(plan, false), testing::HasSubstr("more may change"));
}

TEST(PlanPage, AWitnessThatTheRulesDoNotConfirmIsLoud) {
  v1::Plan plan = ExamplePlan();
  plan.mutable_groups(0)
      ->mutable_differences(0)
      ->mutable_packets(0)
      ->mutable_witness()
      ->set_confirmed(false);
  EXPECT_THAT(PlanPage(plan, false), testing::HasSubstr("please report it"));
}

TEST(PlanMarkdown, IsATableWhoseCellsNothingBreaks) {
  v1::Plan plan = ExamplePlan();
  plan.mutable_groups(0)->mutable_differences(0)->mutable_packets(0)->mutable_after()->set_cause(
      "mapping a|b");
  const std::string text = PlanMarkdown(plan);
  EXPECT_THAT(text, testing::HasSubstr("| **opened** | in | tcp/22, tcp/8080-8090 from 10.0.0.0/8 "
                                       "| refused: no mapping opens it |"));
  EXPECT_THAT(text, testing::HasSubstr("a\\|b"));
}

TEST(PlanPage, SaysWhoIsInWhichWave) {
  v1::Plan plan;
  plan.set_complete(true);
  plan.set_strategy("careful");
  plan.add_waves()->add_hosts("web-1");
  v1::PlannedWave& rest = *plan.add_waves();
  for (int i = 2; i < 22; ++i) rest.add_hosts(absl::StrCat("web-", i));
  for (const std::string& text : {PlanPage(plan, false), PlanMarkdown(plan)}) {
    EXPECT_NE(text.find("strategy careful"), std::string::npos) << text;
    EXPECT_NE(text.find("wave 1: 1 host: web-1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("wave 2: 20 hosts: web-2, web-3"), std::string::npos) << text;
    EXPECT_NE(text.find("and 12 more"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace firebreak::cli
