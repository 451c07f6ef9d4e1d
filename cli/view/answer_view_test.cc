// SPDX-License-Identifier: Apache-2.0
#include "cli/view/answer_view.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::ElementsAre;

std::vector<std::string> RowOf(const AnswerView& view, const v1::Answer& part) {
  const auto items = view.items(part);
  EXPECT_EQ(items.size(), 1u);
  std::vector<std::string> row;
  for (const Cell& cell : view.row(*items.front())) row.push_back(cell.text);
  EXPECT_EQ(row.size(), view.columns.size());
  return row;
}

TEST(AnswerView, AFlow) {
  v1::Answer part;
  v1::HostFlow& flow = *part.mutable_flows()->add_flows();
  flow.set_protocol("tcp");
  flow.set_source("2001:db8::2");
  flow.set_source_port(40000);
  flow.set_destination("2001:db8::1");
  flow.set_destination_port(22);
  flow.set_state("established");
  const auto row = RowOf(FlowsView(), part);
  EXPECT_EQ(row[1], "[2001:db8::2]:40000");
  EXPECT_EQ(row[2], "[2001:db8::1]:22");
}

TEST(AnswerView, EachOtherListHasACellForEachColumn) {
  v1::Answer part;
  part.mutable_interfaces()->add_interfaces()->mutable_interface()->set_name("eth0");
  v1::NetworkFacts& network = *part.mutable_interfaces()->mutable_interfaces(0)->mutable_network();
  network.set_ssid("Office");
  network.set_bssid("02:00:00:00:00:02");
  network.add_gateways()->set_address("10.10.0.1");
  network.mutable_gateways(0)->set_mac("02:00:00:00:00:01");
  network.add_dns_suffixes("corp.example");
  const auto interface = RowOf(InterfacesView(), part);
  EXPECT_EQ(interface[0], "eth0");
  EXPECT_EQ(interface[7],
            "ssid Office (02:00:00:00:00:02); via 10.10.0.1 (02:00:00:00:00:01); "
            "dns corp.example");
  part.mutable_mappings()->add_mappings()->set_location("elsewhere");
  EXPECT_EQ(RowOf(HostMappingsView(), part)[6], "any");
  part.mutable_sockets()->add_sockets()->set_judgement("exposed");
  EXPECT_EQ(RowOf(SocketsView(), part)[2], "any");
  part.mutable_settings()->add_settings()->set_name("net.ipv4.tcp_syncookies");
  EXPECT_EQ(RowOf(SettingsView(), part)[0], "net.ipv4.tcp_syncookies");
}

v1::HostSetting Setting(const std::string& found, bool good, const std::string& policy = "") {
  v1::HostSetting setting;
  setting.set_name("net.ipv4.conf.eth0.rp_filter");
  setting.set_interface("eth0");
  setting.set_found(found);
  setting.set_recommended("1");
  setting.set_good(good);
  setting.set_why("packets with a false source are dropped");
  setting.set_policy(policy);
  return setting;
}

TEST(AnswerView, ASettingWithWhatIsFoundAndRecommended) {
  v1::Answer part;
  *part.mutable_settings()->add_settings() = Setting("0", false, "web");
  const AnswerView view = SettingsView();
  EXPECT_THAT(view.columns,
              ElementsAre("SETTING", "FOUND", "WANTED", "BEFORE", "RECOMMENDED", "POLICY", "WHY"));
  EXPECT_THAT(RowOf(view, part), ElementsAre("net.ipv4.conf.eth0.rp_filter", "0", "", "", "1",
                                             "web", "packets with a false source are dropped"));
  EXPECT_THAT(view.none, testing::HasSubstr("no setting"));
}

TEST(AnswerView, ASettingThatIsNotGoodStandsOut) {
  const AnswerView view = SettingsView();
  const auto colour_of = [&](const v1::HostSetting& setting) {
    return view.row(setting)[1].colour;
  };
  EXPECT_EQ(colour_of(Setting("1", true)), Colour::kGreen);
  EXPECT_EQ(colour_of(Setting("0", false)), Colour::kYellow);
}

TEST(AnswerView, ASettingThatTheKernelDoesNotHave) {
  v1::Answer part;
  *part.mutable_settings()->add_settings() = Setting("", false);
  const auto row = RowOf(SettingsView(), part);
  EXPECT_EQ(row[1], "");  // the table shows it as "-"
  EXPECT_EQ(row[5], "");  // only advice; no policy sets it
}

TEST(AnswerView, ASettingThatAPolicyAsksForWithWhatIsWrongAboutIt) {
  v1::Answer part;
  v1::HostSetting& setting = *part.mutable_settings()->add_settings();
  setting = Setting("0", false, "web");
  setting.set_setting("rp_filter");
  setting.set_wanted("1");
  setting.set_before("2");
  setting.set_problem("read-only");
  const auto row = RowOf(SettingsView(), part);
  EXPECT_EQ(row[2], "1");
  EXPECT_EQ(row[3], "2");
  EXPECT_EQ(row[6], "read-only");
}

TEST(AnswerView, SettingsOfSeveralPartsAreOneList) {
  v1::Answer whole;
  v1::Answer part;
  *part.mutable_settings()->add_settings() = Setting("0", false);
  Merge(part, whole);
  *part.mutable_settings()->mutable_settings(0) = Setting("1", true);
  Merge(part, whole);
  EXPECT_EQ(SettingsView().items(whole).size(), 2u);
  EXPECT_TRUE(SettingsView().items(v1::Answer()).empty());
}

TEST(AnswerView, RulesOfSeveralPartsAreOneText) {
  v1::Answer whole;
  v1::Answer part;
  part.mutable_rules()->set_text("table inet fire");
  Merge(part, whole);
  part.mutable_rules()->set_text("break {\n}\n");
  part.mutable_rules()->set_digest("\xab");
  Merge(part, whole);
  EXPECT_EQ(RulesView().text(whole, false), "table inet firebreak {\n}\n# digest ab\n");
}

TEST(AnswerView, RulesCannotReachTheTerminal) {
  v1::Answer whole;
  whole.mutable_rules()->set_text("\x1b[2Jx");
  EXPECT_THAT(RulesView().text(whole, false), testing::Not(testing::HasSubstr("\x1b")));
}

TEST(AnswerView, AHostThatIsOffline) {
  v1::Answer whole;
  v1::StatusAnswer& status = *whole.mutable_status();
  status.set_name("web-1");
  status.set_controller("fw:7443");
  status.set_connection_error("no route");
  status.mutable_receipt()->set_revision(7);
  status.mutable_receipt()->set_ruleset_digest("abcdef");
  const std::string page = LocalStatusView().text(whole, false);
  EXPECT_THAT(page, testing::HasSubstr("web-1"));
  EXPECT_THAT(page, testing::HasSubstr("offline at fw:7443"));
  EXPECT_THAT(page, testing::HasSubstr("no route"));
  EXPECT_THAT(page, testing::HasSubstr("applied"));
}

}  // namespace
}  // namespace firebreak::cli
