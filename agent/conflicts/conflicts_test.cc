// SPDX-License-Identifier: Apache-2.0
#include "agent/conflicts/conflicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdlib.h>

#include <string>
#include <vector>

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Returns "what, table" of each conflict.
std::vector<std::string> Names(const std::vector<v1::Conflict>& conflicts) {
  std::vector<std::string> names;
  for (const v1::Conflict& conflict : conflicts) {
    names.push_back(conflict.what() + ", " + conflict.table());
  }
  return names;
}

ForeignChain Base(std::string table, std::string name, uint32_t hook = NF_INET_LOCAL_IN) {
  return {.family = NFPROTO_IPV4,
          .table = std::move(table),
          .name = std::move(name),
          .type = "filter",
          .hook = hook,
          .has_rules = true};
}

ForeignChain Plain(std::string table, std::string name) {
  return {.family = NFPROTO_IPV4, .table = std::move(table), .name = std::move(name)};
}

TEST(ConflictsTest, KnowsProgramsByTheirTraces) {
  const ForeignChain chains[] = {
      Base("filter", "INPUT"),
      Plain("filter", "ufw-before-input"),
      Plain("filter", "DOCKER-USER"),
      Base("firewalld", "filter_INPUT"),
      Base("mine", "in"),
  };
  EXPECT_THAT(Names(FindConflicts(chains, {})),
              ElementsAre("docker, ip filter", "firewalld, ip firewalld", "nftables, ip mine",
                          "ufw, ip filter"));
}

TEST(ConflictsTest, WhatMakesNoDifferenceIsNone) {
  ForeignChain empty = Base("filter", "INPUT");
  empty.has_rules = false;
  const ForeignChain chains[] = {empty, Plain("filter", "ufw-leftover"), Plain("sets", "unused")};
  EXPECT_THAT(FindConflicts(chains, {}), IsEmpty());
  empty.drops = true;
  EXPECT_THAT(Names(FindConflicts({&empty, 1}, {})), ElementsAre("nftables, ip filter"));
}

TEST(ConflictsTest, SaysWhatItMeans) {
  ForeignChain input = Base("filter", "INPUT");
  input.drops = true;
  ForeignChain nat = Base("nat", "PREROUTING", NF_INET_PRE_ROUTING);
  nat.type = "nat";
  const ForeignChain chains[] = {input, Base("filter", "OUTPUT", NF_INET_LOCAL_OUT), nat};
  const std::vector<v1::Conflict> conflicts = FindConflicts(chains, {});
  ASSERT_EQ(conflicts.size(), 2u);
  EXPECT_THAT(conflicts[0].explanation(),
              HasSubstr("judges incoming and outgoing packets too and drops those incoming that"));
  EXPECT_THAT(conflicts[0].explanation(), HasSubstr("`nft list table ip filter`"));
  EXPECT_THAT(conflicts[1].explanation(), HasSubstr("translates addresses"));
  EXPECT_THAT(conflicts[1].explanation(), Not(HasSubstr("judges")));
}

TEST(ConflictsTest, NamesAreWhateverBytesSomebodyChose) {
  const ForeignChain chain = Base("\xff\n", "x");
  EXPECT_THAT(Names(FindConflicts({&chain, 1}, {})), ElementsAre("nftables, ip \\377\\n"));
}

TEST(ConflictsTest, LegacyTables) {
  const std::string tables[] = {"ip filter", "ip6 mangle"};
  EXPECT_THAT(Names(FindConflicts({}, tables)),
              ElementsAre("iptables-legacy, ip filter", "iptables-legacy, ip6 mangle"));
}

TEST(ForeignChainsTest, AsTheKernelHasThem) {
  if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(system("nft -f - << END\n"
                   "table inet firebreak { chain input { type filter hook input priority 0; }; }\n"
                   "table ip6 other {\n"
                   "  chain a { type filter hook output priority 0; policy drop; }\n"
                   "  chain b { counter; }\n"
                   "  chain c { type nat hook prerouting priority 0; }\n"
                   "}\n"
                   "table inet more { chain d { type filter hook input priority 9; accept; }; }\n"
                   "END\n"),
            0);
  auto socket = NetlinkSocket::Open(NETLINK_NETFILTER);
  ASSERT_TRUE(socket.ok());
  const auto chains = ReadForeignChains(*socket);
  ASSERT_TRUE(chains.ok()) << chains.status();
  EXPECT_THAT(*chains, testing::UnorderedElementsAre(
                           ForeignChain{.family = NFPROTO_IPV6,
                                        .table = "other",
                                        .name = "a",
                                        .type = "filter",
                                        .hook = NF_INET_LOCAL_OUT,
                                        .drops = true},
                           ForeignChain{.family = NFPROTO_IPV6, .table = "other", .name = "b"},
                           ForeignChain{.family = NFPROTO_IPV6,
                                        .table = "other",
                                        .name = "c",
                                        .type = "nat",
                                        .hook = NF_INET_PRE_ROUTING},
                           ForeignChain{.family = NFPROTO_INET,
                                        .table = "more",
                                        .name = "d",
                                        .type = "filter",
                                        .hook = NF_INET_LOCAL_IN,
                                        .has_rules = true}));
}

}  // namespace
}  // namespace firebreak::agent
