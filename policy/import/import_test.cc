// SPDX-License-Identifier: Apache-2.0
#include "policy/import/import.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/write.h"

namespace firebreak::importer {
namespace {

absl::StatusOr<std::vector<SourceText>> NoFile(const std::string& pattern) {
  return absl::NotFoundError(absl::StrCat("there is no file ", pattern));
}

absl::StatusOr<Imported> Nft(const std::string& text) {
  return ImportNft({"rules.nft", text}, NoFile, {});
}

absl::StatusOr<Imported> Iptables(const std::string& text) {
  const SourceText sources[] = {{"rules.v4", text}};
  return ImportIptables(sources, {});
}

std::string Refusal(const absl::StatusOr<Imported>& imported) {
  return imported.ok() ? "" : std::string(imported.status().message());
}

// Returns the first policy.
v1::Policy PolicyOf(const absl::StatusOr<Imported>& imported) {
  EXPECT_TRUE(imported.ok()) << imported.status();
  return imported.ok() ? imported->resources.front().policy() : v1::Policy();
}

std::string Input(const std::string& rules) {
  return absl::StrCat("table inet t { chain c { type filter hook input priority 0; policy drop;\n",
                      rules, "\n}\n}\n");
}

TEST(Import, FollowsJumpsAndReturns) {
  const v1::Policy policy =
      PolicyOf(Iptables("*filter\n:INPUT DROP\n:web - \n"
                        "-A INPUT -p tcp -m multiport --dports 80,443 -j web\n"
                        "-A INPUT -p tcp --dport 80 -j ACCEPT\n"
                        "-A web -s 10.0.0.1 -j DROP\n"
                        "-A web -s 10.0.0.0/8 -j RETURN\n"
                        "-A web -j ACCEPT\nCOMMIT\n"));
  const auto& items = policy.port_mappings().items();
  ASSERT_EQ(items.size(), 5) << policy::ToYaml(policy);
  EXPECT_EQ(items[0].name(), "ipv6");
  EXPECT_EQ(items[1].action(), v1::Traffic::block);
  EXPECT_EQ(items[2].ports_size(), 1);  // 10.0.0.0/8, port 80: the calling chain decides
  EXPECT_EQ(items[2].from(0), "10.0.0.0/8");
  EXPECT_EQ(items[3].action(), v1::Traffic::block);  // 10.0.0.0/8, port 443: the policy decides
  EXPECT_EQ(items[4].ports_size(), 2);
}

TEST(Import, SaysALimitOfWhatIsAboveAsALimit) {
  const v1::Policy policy = PolicyOf(
      Nft(Input("tcp dport 22 meter m { ip saddr limit rate over 10/minute burst 7 packets } drop\n"
                "tcp dport 22 accept")));
  const auto& items = policy.port_mappings().items();
  ASSERT_EQ(items.size(), 3) << policy::ToYaml(policy);
  EXPECT_EQ(items[0].limit().rate(), "10/minute");
  EXPECT_EQ(items[0].limit().burst(), 7u);
  EXPECT_EQ(items[0].limit().per(), v1::Per::source);
  EXPECT_EQ(items[1].action(), v1::Traffic::block);
}

TEST(Import, DoesNotSayAgainWhatHoldsAnyway) {
  const auto imported =
      Nft(Input("ct state established,related accept\nct state invalid drop\niif lo accept\n"
                "icmpv6 type { nd-neighbor-solicit, nd-router-advert } accept\n"
                "tcp flags & (fin|syn|rst|ack) != syn ct state new drop"));
  EXPECT_EQ(PolicyOf(imported).port_mappings().items_size(), 0);
  EXPECT_EQ(imported->report.CountUnsaid(), 0u);
}

TEST(Import, NamesWhatCannotBeSaidWithFileAndLine) {
  const auto imported = Nft(Input("ip ttl 255 tcp dport 1 accept\ntcp dport 2 accept"));
  ASSERT_TRUE(imported.ok());
  EXPECT_EQ(imported->report.CountUnsaid(), 1u);
  const std::string text = Render(*imported);
  EXPECT_TRUE(absl::StrContains(text, "# rules.nft:2: ip ttl 255 tcp dport 1 accept\n#   "))
      << text;
  EXPECT_EQ(PolicyOf(imported).port_mappings().items_size(), 1);
}

TEST(Import, KeepsTheOrderOfOutboundRulesByPolicies) {
  const auto imported = Iptables(
      "*filter\n:OUTPUT DROP\n-A OUTPUT -d 10.0.0.1 -j ACCEPT\n-A OUTPUT -d 10.0.0.0/8 -j DROP\n"
      "-A OUTPUT -p tcp --dport 443 -j ACCEPT\nCOMMIT\n");
  ASSERT_TRUE(imported.ok());
  ASSERT_EQ(imported->resources.size(), 2u);
  EXPECT_EQ(imported->resources[1].policy().priority(), -1);
  EXPECT_EQ(imported->resources[1].policy().outbound().block_size(), 1);
}

constexpr char kRouter[] =
    "*nat\n:POSTROUTING ACCEPT\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n"
    "*filter\n:INPUT ACCEPT\n:FORWARD DROP\n";

TEST(Import, SaysLimitsRecordsAndRejectionsOfWhatIsForwarded) {
  const auto imported = Iptables(absl::StrCat(
      kRouter,
      "-A FORWARD -p tcp --dport 25 -j REJECT\n"
      "-A FORWARD -i eth2 -p tcp --dport 22 -m limit --limit 5/min --limit-burst 3 -j ACCEPT\n"
      "-A FORWARD -i eth2 -p tcp --dport 80 -j LOG\n"
      "-A FORWARD -i eth2 -p tcp --dport 80 -j ACCEPT\nCOMMIT\n"));
  const v1::Forwarding forward = PolicyOf(imported).forward();
  const auto& block = forward.block();
  ASSERT_FALSE(block.empty());
  EXPECT_EQ(block[block.size() - 1].action(), v1::Traffic::reject);
  ASSERT_EQ(forward.allow_size(), 2) << Render(*imported);
  EXPECT_EQ(forward.allow(0).limit().rate(), "5/minute");
  EXPECT_TRUE(forward.allow(1).log());
}

TEST(Import, KeepsFromSharingWhatTheRulesDoNotLetOut) {
  const auto all =
      Iptables(absl::StrCat(kRouter, "-A FORWARD -i eth1 -o eth0 -j ACCEPT\nCOMMIT\n"));
  EXPECT_EQ(PolicyOf(all).sharing().private_(0), "eth1");
  EXPECT_EQ(all->resources.size(), 1u);
  const auto web = Iptables(
      absl::StrCat(kRouter, "-A FORWARD -i eth1 -o eth0 -p tcp --dport 443 -j ACCEPT\nCOMMIT\n"));
  EXPECT_EQ(PolicyOf(web).sharing().private_(0), "eth1");
  EXPECT_EQ(PolicyOf(web).forward().allow_size(), 1);
  ASSERT_EQ(web->resources.size(), 2u) << Render(*web);
  const v1::PortMapping& rest = web->resources[1].policy().forward().block(0);
  EXPECT_EQ(rest.in().names(0), "eth1");
  EXPECT_EQ(rest.out().names(0), "eth0");
}

TEST(Import, SaysThatSegmentsAreClampedWhereThereIsSharing) {
  constexpr char kClamp[] =
      "-A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu\n"
      "-A FORWARD -i eth1 -o eth0 -j ACCEPT\nCOMMIT\n";
  const auto shared = Iptables(absl::StrCat(kRouter, kClamp));
  EXPECT_TRUE(PolicyOf(shared).sharing().clamp_mss());
  EXPECT_EQ(shared->report.CountUnsaid(), 0u);
  const auto alone = Iptables(absl::StrCat("*filter\n:FORWARD DROP\n", kClamp));
  EXPECT_EQ(alone->report.CountUnsaid(), 1u);
  const auto nft =
      Nft("table ip t { chain f { type filter hook forward priority 0; policy drop;\n"
          "tcp flags syn tcp option maxseg size set rt mtu\niifname eth1 oifname eth0 accept\n}\n"
          "chain p { type nat hook postrouting priority 100; oifname eth0 masquerade\n}\n"
          "chain i { type filter hook input priority 0; policy accept;\n}\n}\n");
  EXPECT_TRUE(PolicyOf(nft).sharing().clamp_mss());
  EXPECT_EQ(nft->report.CountUnsaid(), 0u) << Render(*nft);
}

TEST(Import, TakesNoPacketToComeFromPortZero) {
  const auto imported = Iptables(
      "*filter\n:INPUT DROP\n-A INPUT -p tcp --sport 0 -j DROP\n-A INPUT -p tcp --dport 0 -j "
      "ACCEPT\n"
      "-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n");
  const v1::Policy policy = PolicyOf(imported);
  ASSERT_EQ(policy.port_mappings().items_size(), 2) << Render(*imported);  // and that of IPv6
  EXPECT_EQ(policy.port_mappings().items(1).ports(0), "22");
}

TEST(Import, ReadsWhatATableIncludes) {
  const auto find = [](const std::string& pattern) -> absl::StatusOr<std::vector<SourceText>> {
    EXPECT_EQ(pattern, "sets.nft");
    return std::vector<SourceText>{
        {"sets.nft", "set ports { type inet_service; elements = { 22, 443 } }\n"}};
  };
  const auto imported = ImportNft({"rules.nft",
                                   "table inet t {\ninclude \"sets.nft\"\nchain c {\n"
                                   "type filter hook input priority 0; policy drop;\n"
                                   "tcp dport @ports accept\n}\n}\n"},
                                  find, {});
  EXPECT_EQ(PolicyOf(imported).port_mappings().items(0).ports_size(), 2);
  const auto itself = [](const std::string&) -> absl::StatusOr<std::vector<SourceText>> {
    return std::vector<SourceText>{{"a.nft", "include \"a.nft\"\n"}};
  };
  EXPECT_TRUE(absl::StrContains(
      Refusal(ImportNft({"rules.nft", "table inet t {\ninclude \"a.nft\"\n}\n"}, itself, {})),
      "too many files"));
}

TEST(Import, LeavesOutTheRulesOfFirebreakItself) {
  const std::string own =
      "table inet firebreak { chain input { type filter hook input priority 0; "
      "policy drop; any words of ours } }\n";
  const auto imported = Nft(own + Input("tcp dport 80 accept"));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(Render(*imported), Render(*Nft(Input("tcp dport 80 accept"))));
}

TEST(Import, RefusesWhatIsNoConfiguration) {
  EXPECT_TRUE(absl::StrContains(Refusal(Iptables("*filter\n:INPUT DROP\n")), "cut off"));
  EXPECT_TRUE(absl::StrContains(Refusal(Iptables("-A INPUT -j ACCEPT\n")), "rules.v4:1: "));
  EXPECT_TRUE(absl::StrContains(Refusal(Iptables(std::string("*filter\0", 8))), "no text"));
  EXPECT_TRUE(absl::StrContains(Refusal(Iptables("")), "empty"));
  EXPECT_TRUE(absl::StrContains(Refusal(Iptables(std::string(9 << 20, 'a'))), "8 MiB"));
  EXPECT_TRUE(absl::StrContains(Refusal(Nft("table inet t { chain c {")), "cut off"));
  EXPECT_TRUE(absl::StrContains(Refusal(Nft("include \"none\"\n")), "rules.nft:1: "));
  EXPECT_TRUE(absl::StrContains(Refusal(Nft("#!/bin/sh\niptables -F\n")), "rules.nft:2: "));
  EXPECT_TRUE(absl::StrContains(Refusal(Nft("define a = $b\n")), "nothing defines"));
  EXPECT_TRUE(absl::StrContains(
      Refusal(ImportFirewalld({{"zones/public.xml", {"public.xml", "<zone><a>"}}}, {})),
      "cut off"));
  EXPECT_TRUE(absl::StrContains(
      Refusal(ImportFirewalld(
          {{"zones/public.xml", {"public.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><zone/>"}}}, {})),
      "DTD"));
}

TEST(Import, RefusesLinesThatHaveNoRule) {
  for (const char* line : {"[0:0]", "[", "[1:2] "}) {
    EXPECT_TRUE(absl::StrContains(
        Refusal(Iptables(absl::StrCat("*filter\n:INPUT DROP\n", line, "\nCOMMIT\n"))),
        "rules.v4:3: "))
        << line;
  }
  EXPECT_TRUE(absl::StrContains(Refusal(Nft(Input("include"))), "include what?"));
}

TEST(Import, RefusesAForwardedPortOfTheOtherFamily) {
  const auto imported = ImportFirewalld(
      {{"zones/public.xml",
        {"public.xml",
         "<zone><forward-port protocol=\"ipv6-icmp\" port=\"80\" to-port=\"81\"/></zone>"}}},
      {});
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->report.CountUnsaid(), 1u);
}

TEST(Import, LeavesOutNoRuleThatChangesEverything) {
  const auto imported = Iptables(
      "*nat\n:PREROUTING ACCEPT\n:POSTROUTING ACCEPT\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n"
      "*filter\n:INPUT DROP\nCOMMIT\n");
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->report.CountUnsaid(), 1u);
}

TEST(Import, ReportsADirectRuleThatRefusesEstablishedFlows) {
  const auto imported = ImportFirewalld(
      {{"zones/public.xml", {"public.xml", "<zone/>"}},
       {"direct.xml",
        {"direct.xml",
         "<direct><rule ipv=\"ipv4\" table=\"filter\" chain=\"INPUT\" priority=\"0\">"
         "-m conntrack --ctstate ESTABLISHED -s 192.0.2.1 -j DROP</rule></direct>"}}},
      {});
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->report.CountUnsaid(), 1u);
}

TEST(Import, KeepsTheTablesOfUfwApart) {
  const std::string filter =
      "*filter\n:ufw-user-input - [0:0]\n"
      "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n";
  const std::string mangle =
      "*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j DROP\n"
      "COMMIT\n";
  const auto imported =
      ImportUfw({{"default", {"default", "DEFAULT_INPUT_POLICY=\"DROP\"\nIPV6=no"}},
                 {"user.rules", {"user.rules", filter + mangle}}},
                {});
  const v1::Policy policy = PolicyOf(imported);
  for (const v1::PortMapping& item : policy.port_mappings().items()) {
    EXPECT_TRUE(item.action() == v1::Traffic::block || item.name() == "ipv6") << item.DebugString();
  }
}

TEST(Import, BoundsTheStepsOfJumpsThatComeBack) {
  std::string text = "*filter\n:INPUT DROP\n:c -\n:d -\n";
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&text, "-A INPUT -j c\n");
  const std::string end =
      "-A c -s 10.0.0.0/8 -j RETURN\n-A c -p tcp -j RETURN\n-A c -j d\nCOMMIT\n";
  EXPECT_TRUE(absl::StrContains(Refusal(Iptables(text + end)), "too many steps"));
}

TEST(Import, BoundsJumpsThatLeadInACircleAndFilesThatIncludeThemselves) {
  EXPECT_TRUE(absl::StrContains(
      Refusal(Iptables("*filter\n:INPUT DROP\n:a -\n:b -\n-A INPUT -j a\n-A a -j b\n-A b -j a\n"
                       "COMMIT\n")),
      "circle"));
  const auto itself = [](const std::string&) -> absl::StatusOr<std::vector<SourceText>> {
    return std::vector<SourceText>{{"again.nft", "include \"again.nft\"\n"}};
  };
  EXPECT_TRUE(absl::StrContains(
      Refusal(ImportNft({"first.nft", "include \"again.nft\"\n"}, itself, {})), "circle"));
}

}  // namespace
}  // namespace firebreak::importer
