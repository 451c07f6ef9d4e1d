// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/ruleset_events.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <string>
#include <utility>

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kOwn = 77, kOther = 78;

class Event {
 public:
  Event(int type, uint32_t port, uint8_t family = NFPROTO_INET) {
    nlmsghdr* message = mnl_nlmsg_put_header(buffer_);
    message->nlmsg_type = static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
    message->nlmsg_pid = port;
    auto* extra = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    extra->nfgen_family = family;
  }
  Event&& Name(uint16_t attribute, const char* name) && {
    mnl_attr_put_strz(&header(), attribute, name);
    return std::move(*this);
  }
  Event&& Number(uint16_t attribute, uint32_t number) && {
    mnl_attr_put_u32(&header(), attribute, htonl(number));
    return std::move(*this);
  }
  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(buffer_); }

 private:
  alignas(nlmsghdr) char buffer_[1024];
};

Event Rule(uint32_t port, const char* chain, const char* table = "firebreak") {
  return Event(NFT_MSG_NEWRULE, port).Name(NFTA_RULE_TABLE, table).Name(NFTA_RULE_CHAIN, chain);
}

Event End(uint32_t port, uint32_t pid, const char* program) {
  return Event(NFT_MSG_NEWGEN, port, AF_UNSPEC)
      .Number(NFTA_GEN_ID, 5)
      .Number(NFTA_GEN_PROC_PID, pid)
      .Name(NFTA_GEN_PROC_NAME, program);
}

class ForeignChangesReaderTest : public testing::Test {
 protected:
  void Take(Event event) { reader_.Take(event.header()); }
  ForeignChanges Finish() { return std::move(reader_).Finish(); }

  ForeignChangesReader reader_{kOwn};
};

TEST_F(ForeignChangesReaderTest, OneTransactionOfMany) {
  Take(Rule(kOther, "input"));
  Take(Rule(kOther, "input"));
  Take(Rule(kOther, "output"));
  Take(End(kOther, 1234, "nft"));
  const ForeignChanges changes = Finish();
  EXPECT_EQ(changes.transactions, 1u);
  EXPECT_THAT(changes.changed,
              ElementsAre("rule added to chain input", "rule added to chain output"));
  EXPECT_EQ(changes.pid, 1234u);
  EXPECT_EQ(changes.program, "nft");
  EXPECT_FALSE(changes.elsewhere);
}

TEST_F(ForeignChangesReaderTest, OursAreNone) {
  Take(Rule(kOwn, "input"));
  Take(End(kOwn, 1, "firebreak-agent"));
  EXPECT_EQ(Finish(), ForeignChanges());
}

TEST_F(ForeignChangesReaderTest, OtherTablesAreElsewhere) {
  Take(Rule(kOther, "input", "filter"));
  Take(Event(NFT_MSG_NEWRULE, kOther, NFPROTO_IPV4)
           .Name(NFTA_RULE_TABLE, "firebreak")
           .Name(NFTA_RULE_CHAIN, "input"));
  Take(End(kOther, 1234, "nft"));
  const ForeignChanges changes = Finish();
  EXPECT_EQ(changes.transactions, 0u);
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_EQ(changes.pid, 0u);
  EXPECT_TRUE(changes.elsewhere);
}

TEST_F(ForeignChangesReaderTest, ADeletedTableTookTheRestWithIt) {
  Take(Event(NFT_MSG_DELCHAIN, kOther)
           .Name(NFTA_CHAIN_TABLE, "firebreak")
           .Name(NFTA_CHAIN_NAME, "input"));
  Take(Event(NFT_MSG_DELTABLE, kOther).Name(NFTA_TABLE_NAME, "firebreak"));
  EXPECT_THAT(Finish().changed, ElementsAre("table inet firebreak deleted"));
}

TEST_F(ForeignChangesReaderTest, WhatTheKernelTakesAwayIsNobodysChange) {
  Take(Event(NFT_MSG_DELCHAIN, 0, NFPROTO_NETDEV)
           .Name(NFTA_CHAIN_TABLE, "firebreak")
           .Name(NFTA_CHAIN_NAME, "eth0"));
  EXPECT_EQ(Finish(), ForeignChanges{.by_kernel = true});
}

TEST_F(ForeignChangesReaderTest, NamesAreWhateverBytesSomebodyChose) {
  Take(Rule(kOther, "\xff\x1b[2J"));
  Take(End(kOther, 1, "\xfe"));
  const ForeignChanges changes = Finish();
  EXPECT_THAT(changes.changed, ElementsAre("rule added to chain \\377\\033[2J"));
  EXPECT_EQ(changes.program, "\\376");
}

TEST_F(ForeignChangesReaderTest, AFewOfTooMany) {
  for (char name = 'a'; name <= 'z'; ++name) Take(Rule(kOther, std::string(1, name).c_str()));
  EXPECT_EQ(Finish().changed.size(), ForeignChanges::kMaxChanged);
}

TEST_F(ForeignChangesReaderTest, WhatWasLostMayHaveBeenAnything) {
  reader_.TakeLoss();
  const ForeignChanges changes = Finish();
  EXPECT_EQ(changes.transactions, 1u);
  EXPECT_TRUE(changes.elsewhere);
}

TEST_F(ForeignChangesReaderTest, AttributesCutShort) {
  Event event(NFT_MSG_NEWRULE, kOther);
  mnl_attr_put(&event.header(), NFTA_RULE_TABLE, 9, "firebreak");  // without the terminating NUL
  mnl_attr_put(&event.header(), NFTA_RULE_CHAIN, 0, nullptr);
  reader_.Take(event.header());
  Take(Event(NFT_MSG_NEWGEN, kOther).Name(NFTA_GEN_PROC_PID, ""));
  const ForeignChanges changes = Finish();
  EXPECT_THAT(changes.changed, ElementsAre("rule added to chain "));
  EXPECT_EQ(changes.pid, 0u);
}

}  // namespace
}  // namespace firebreak::agent
