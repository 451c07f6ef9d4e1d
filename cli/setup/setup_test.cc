// SPDX-License-Identifier: Apache-2.0
#include "cli/setup/setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resources/plan.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using Interface = SetupFacts::Interface;

SetupFacts FactsWith(std::vector<Interface> interfaces, std::vector<std::string> listening = {}) {
  SetupFacts facts;
  facts.interfaces = std::move(interfaces);
  for (const std::string& traffic : listening) facts.listeners.push_back({traffic, "program"});
  return facts;
}

void ExpectGood(const SetupAnswers& answers) {
  const std::vector<policy::SourceFile> files = {{"setup", PolicyOf(answers)}};
  const policy::Plan plan = policy::PlanApply({}, files, {});
  EXPECT_TRUE(plan.ok()) << plan.problems[0].reason << "\n" << files[0].text;
}

TEST(Setup, ProposesHowTheHostIsConnected) {
  const Interface at_home = {"eth0", "ethernet", true, {"192.168.1.5/24"}};
  const Interface outside = {"eth0", "ethernet", true, {"198.51.100.5/24"}};
  const Interface inside = {"eth1", "ethernet", false, {"10.0.0.1/24"}};
  const Interface radio = {"wlan0", "wireless", true, {"192.168.1.6/24"}};
  EXPECT_EQ(Propose(FactsWith({at_home})).attachment, Attachment::kRouter);
  EXPECT_EQ(Propose(FactsWith({outside})).attachment, Attachment::kInternet);
  EXPECT_EQ(Propose(FactsWith({radio})).attachment, Attachment::kLaptop);
  EXPECT_EQ(Propose(FactsWith({outside}, {"tcp/443"})).attachment, Attachment::kServer);
  SetupFacts router = FactsWith({outside, inside});
  router.forwards = true;
  const SetupAnswers shares = Propose(router);
  EXPECT_EQ(shares.attachment, Attachment::kShares);
  EXPECT_EQ(shares.public_interface, "eth0");
  EXPECT_EQ(shares.private_interfaces, std::vector<std::string>{"eth1"});
  ExpectGood(shares);
  ExpectGood(Propose(FactsWith({})));
}

TEST(Setup, KeepsTheAdministratorIn) {
  SetupFacts facts = FactsWith({{"eth0", "ethernet", true, {"10.77.0.11/24", "fd77::b/64"}}});
  facts.own = {"10.77.0.200", 50000, "10.77.0.11", 2222};
  facts.listeners = {{"tcp/2222", "sshd"}};
  SetupAnswers answers = Propose(facts);
  EXPECT_EQ(WhoText(answers, "tcp/2222"), "10.77.0.0/24");
  EXPECT_EQ(WhyShutOut(facts, answers), "");
  answers.open["tcp/2222"] = {"192.0.2.0/24"};
  EXPECT_THAT(WhyShutOut(facts, answers), HasSubstr("10.77.0.200"));
  answers.open.clear();
  EXPECT_THAT(WhyShutOut(facts, answers), HasSubstr("tcp/2222"));
  // The user is not in the host's networks, so only the user's address is opened.
  facts.own->remote = "203.0.113.9";
  answers = Propose(facts);
  EXPECT_EQ(WhoText(answers, "tcp/2222"), "203.0.113.9");
  EXPECT_EQ(WhyShutOut(facts, answers), "");
  ExpectGood(answers);
}

TEST(Setup, APolicyOfAFleetIsTheHostsUnlessAGroupIsNamed) {
  const SetupPlace of_host = PlaceInFleet("Web_1.example", "", "");
  EXPECT_EQ(of_host.name, "setup-web_1.example");
  EXPECT_EQ(of_host.group, "host:Web_1.example");
  EXPECT_EQ(PlaceInFleet("web1", "all", "").name, "setup-all");
  EXPECT_EQ(PlaceInFleet("web1", "web", "first").name, "first");
  EXPECT_EQ(PlaceInFleet("web1", "web", "first").group, "web");
  EXPECT_EQ(PlaceInFleet(std::string(80, 'x'), "", "").name.size(), 63u);
  EXPECT_EQ(PlaceInFleet("host:a", "", "").name, "setup-host-a");
  const std::string policy = PolicyOf(Propose({}), of_host);
  EXPECT_THAT(policy, HasSubstr("host:Web_1.example"));
  EXPECT_THAT(policy, Not(HasSubstr("local_control"))) << "that is the fleet's to say";
  EXPECT_THAT(PolicyOf(Propose({})), HasSubstr("local_control"));
}

TEST(Setup, AConnectionToAnotherHostIsNotTheUsersWayToThisOne) {
  v1::InterfacesAnswer interfaces;
  interfaces.add_interfaces()->mutable_interface()->add_addresses("2001:db8::5/64");
  const OwnConnection own = {"2001:db8::9", 50000, "2001:db8:0::5", 22};
  EXPECT_TRUE(OwnConnectionTo(interfaces, own).has_value());
  EXPECT_FALSE(OwnConnectionTo({}, own).has_value());
  EXPECT_FALSE(OwnConnectionTo(interfaces, std::nullopt).has_value());
  EXPECT_FALSE(OwnConnectionTo(interfaces, OwnConnection{"a", 1, "nonsense", 22}).has_value());
}

TEST(Setup, TakesOverOtherFirewallsThatItCanRead) {
  SetupFacts facts = FactsWith({});
  for (const char* what : {"ufw", "docker", "nftables", "nftables"}) {
    facts.conflicts.emplace_back().set_what(what);
  }
  EXPECT_EQ(ImportableIn(facts), (std::set<std::string>{"nft", "ufw"}));
  const auto answers = ReadAnswers("import: [ufw]", facts);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_EQ(answers->imports, std::set<std::string>{"ufw"});
  EXPECT_FALSE(ReadAnswers("import: [docker]", facts).ok());
  facts.reads_others = false;
  EXPECT_FALSE(ReadAnswers("import: [ufw]", facts).ok());
}

TEST(Setup, ReadsAnswersFromAFile) {
  const SetupFacts facts =
      FactsWith({{"eth0", "ethernet", true, {"192.168.1.5/24"}}}, {"tcp/22", "tcp/80"});
  const auto answers = ReadAnswers(
      "open: {tcp/22: [10.0.0.0/8, '2001:db8::/32'], tcp/80: anybody, tcp/9: nobody}\n"
      "connection: laptop\nping: false\n",
      facts);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_EQ(WhoText(*answers, "tcp/22"), "10.0.0.0/8, 2001:db8::/32");
  EXPECT_EQ(WhoText(*answers, "tcp/80"), "anybody");
  EXPECT_EQ(WhoText(*answers, "tcp/9"), "nobody");
  EXPECT_THAT(PolicyOf(*answers), Not(HasSubstr("echo-request")));
  ExpectGood(*answers);
  for (const char* wrong : {"opne: {}", "connection: moon", "- a", "open: {tcp/22: 10.0.0.0/99}",
                            "ping: perhaps", "{", "open: 5"}) {
    EXPECT_FALSE(ReadAnswers(wrong, facts).ok()) << wrong;
  }
}

}  // namespace
}  // namespace firebreak::cli
