// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/links/loss_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The content of the kernel's message about a link.
struct Said {
  uint32_t index = 0;
  uint32_t master = 0;
  uint32_t below = 0;
  uint32_t event = IFLA_EVENT_NONE;
  uint32_t carrier_changes = 1;
  bool up = true;
  bool below_elsewhere = false;
  const char* kind = nullptr;
  uint16_t type = RTM_NEWLINK;
  unsigned char family = AF_UNSPEC;
};

class LossReaderTest : public testing::Test {
 protected:
  const nlmsghdr& Message(const Said& said) {
    nlmsghdr* header = mnl_nlmsg_put_header(buffer_);
    header->nlmsg_type = said.type;
    auto* info =
        static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg)));
    info->ifi_family = said.family;
    info->ifi_index = static_cast<int>(said.index);
    info->ifi_flags = said.up ? IFF_UP | IFF_RUNNING : IFF_UP;
    if (said.master != 0) mnl_attr_put_u32(header, IFLA_MASTER, said.master);
    if (said.below != 0) mnl_attr_put_u32(header, IFLA_LINK, said.below);
    if (said.below_elsewhere) mnl_attr_put_u32(header, IFLA_LINK_NETNSID, 0);
    if (said.event != IFLA_EVENT_NONE) mnl_attr_put_u32(header, IFLA_EVENT, said.event);
    if (said.family == AF_UNSPEC) {
      mnl_attr_put_u32(header, IFLA_CARRIER_CHANGES, said.carrier_changes);
    }
    if (said.kind != nullptr) {
      nlattr* nest = mnl_attr_nest_start(header, IFLA_LINKINFO);
      mnl_attr_put_strz(header, IFLA_INFO_KIND, said.kind);
      mnl_attr_nest_end(header, nest);
    }
    return *header;
  }
  void Learn(const Said& said) { reader_.Learn(Message(said)); }
  std::set<uint32_t> Hear(const Said& said) {
    reader_.Hear(Message(said));
    return reader_.Take();
  }

  alignas(nlmsghdr) char buffer_[1024] = {};
  LossReader reader_;
};

TEST_F(LossReaderTest, AnInterfaceThatStandsAloneLosesAlone) {
  Learn({.index = 2});
  Learn({.index = 3});
  EXPECT_THAT(Hear({.index = 2}), IsEmpty());
  EXPECT_THAT(Hear({.index = 2, .carrier_changes = 2, .up = false}), ElementsAre(2));
  EXPECT_THAT(Hear({.index = 2, .carrier_changes = 3}), IsEmpty());
  EXPECT_THAT(Hear({.index = 2, .type = RTM_DELLINK}), ElementsAre(2));
}

TEST_F(LossReaderTest, WhatHappensToAPortHappensToItsBridgeAndToWhatStandsOnThat) {
  Learn({.index = 2, .master = 9});
  Learn({.index = 3, .master = 9});
  Learn({.index = 9, .kind = "bridge"});
  Learn({.index = 10, .below = 9, .kind = "vlan"});
  Learn({.index = 11, .below = 10, .kind = "macvlan"});
  Learn({.index = 4});
  EXPECT_THAT(Hear({.index = 2, .master = 9, .carrier_changes = 2, .up = false}),
              UnorderedElementsAre(2, 9, 10, 11));
  // Repeating the same message changes nothing for the interfaces above.
  EXPECT_THAT(Hear({.index = 2, .master = 9, .carrier_changes = 2, .up = false}), ElementsAre(2));
  EXPECT_THAT(Hear({.index = 2, .master = 9, .carrier_changes = 3}),
              UnorderedElementsAre(9, 10, 11));
  EXPECT_THAT(Hear({.index = 2, .master = 9, .carrier_changes = 5}),
              UnorderedElementsAre(9, 10, 11))
      << "a carrier that was away for a moment";
  EXPECT_THAT(Hear({.index = 2, .master = 9, .carrier_changes = 5}), IsEmpty());
  EXPECT_THAT(Hear({.index = 9, .kind = "bridge"}), IsEmpty());
}

TEST_F(LossReaderTest, APortThatComesOrGoesChangesTheBridge) {
  Learn({.index = 2, .master = 9});
  Learn({.index = 9, .kind = "bridge"});
  EXPECT_THAT(Hear({.index = 2}), UnorderedElementsAre(2, 9));
  EXPECT_THAT(Hear({.index = 2}), IsEmpty());
  EXPECT_THAT(Hear({.index = 2, .master = 9}), UnorderedElementsAre(2, 9));
  EXPECT_THAT(Hear({.index = 2, .master = 9, .type = RTM_DELLINK, .family = AF_BRIDGE}),
              UnorderedElementsAre(2, 9));
  EXPECT_THAT(Hear({.index = 2, .master = 9, .type = RTM_DELLINK}), UnorderedElementsAre(2, 9));
  EXPECT_THAT(Hear({.index = 5, .master = 9}), UnorderedElementsAre(5, 9));
}

TEST_F(LossReaderTest, KnowsWhereAPortWasThatHasLeftSince) {
  Learn({.index = 2, .master = 8});
  Learn({.index = 8, .master = 9, .kind = "bond"});
  Learn({.index = 9, .kind = "bridge"});
  reader_.Hear(Message({.index = 2, .master = 8, .carrier_changes = 3}));
  reader_.Hear(Message({.index = 8, .kind = "bond"}));
  reader_.Hear(Message({.index = 2, .carrier_changes = 3}));
  EXPECT_THAT(reader_.Take(), UnorderedElementsAre(2, 8, 9));
}

TEST_F(LossReaderTest, ABondThatTakesAnotherPortLeadsElsewhere) {
  Learn({.index = 8, .kind = "bond"});
  Learn({.index = 10, .below = 8, .kind = "vlan"});
  EXPECT_THAT(Hear({.index = 8, .event = IFLA_EVENT_BONDING_FAILOVER, .kind = "bond"}),
              UnorderedElementsAre(8, 10));
  EXPECT_THAT(Hear({.index = 8, .event = IFLA_EVENT_NOTIFY_PEERS, .kind = "bond"}),
              UnorderedElementsAre(8, 10));
  EXPECT_THAT(Hear({.index = 8, .event = IFLA_EVENT_FEATURES, .kind = "bond"}), IsEmpty());
}

TEST_F(LossReaderTest, TheEndsOfACableDoNotStandOnEachOther) {
  Learn({.index = 2, .below = 3, .kind = "veth"});
  Learn({.index = 3, .below = 2, .kind = "veth"});
  EXPECT_THAT(Hear({.index = 2, .below = 3, .carrier_changes = 3, .kind = "veth"}), IsEmpty());
  // In the other namespace this index belongs to a different interface.
  Learn({.index = 4, .below = 2, .below_elsewhere = true, .kind = "macvlan"});
  EXPECT_THAT(Hear({.index = 2, .below = 3, .carrier_changes = 5, .kind = "veth"}), IsEmpty());
}

TEST_F(LossReaderTest, CirclesEnd) {
  Learn({.index = 2, .master = 3});
  Learn({.index = 3, .master = 2, .below = 3});
  Learn({.index = 4, .master = 4, .below = 4});
  EXPECT_THAT(Hear({.index = 2, .master = 3, .carrier_changes = 2}), UnorderedElementsAre(2, 3));
  EXPECT_THAT(Hear({.index = 4, .master = 4, .below = 4, .carrier_changes = 2}), ElementsAre(4));
}

TEST_F(LossReaderTest, AMessageThatLeavesMuchOutChangesNothing) {
  Learn({.index = 2, .master = 9});
  Learn({.index = 9, .kind = "bridge"});
  EXPECT_THAT(Hear({.index = 2, .below = 9, .family = AF_BRIDGE}), IsEmpty());
  // Wireless drivers send a header and one attribute of their own.
  nlmsghdr* header = mnl_nlmsg_put_header(buffer_);
  header->nlmsg_type = RTM_NEWLINK;
  auto* info = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(header, sizeof(ifinfomsg)));
  info->ifi_index = 2;
  info->ifi_flags = IFF_UP | IFF_RUNNING;
  mnl_attr_put_u32(header, IFLA_WIRELESS, 0);
  reader_.Hear(*header);
  EXPECT_THAT(reader_.Take(), IsEmpty());
  header->nlmsg_len = NLMSG_LENGTH(sizeof(ifinfomsg)) - 4;
  reader_.Hear(*header);
  EXPECT_THAT(reader_.Take(), IsEmpty());
  EXPECT_THAT(Hear({.index = 2}), UnorderedElementsAre(2, 9));
}

}  // namespace
}  // namespace firebreak::agent
