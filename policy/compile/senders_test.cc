// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>

#include <string>

#include "policy/compile/compile.h"
#include "policy/trace/evaluate.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

// A host that lets out only what mappings with senders allow.
class SendersTest : public testing::Test {
 protected:
  SendersTest() {
    policy_.set_managed(true);
    policy_.add_locations()->set_name("elsewhere");
    v1::Settings& settings = *policy_.mutable_locations(0)->add_layers()->mutable_settings();
    settings.set_outbound_default(v1::Traffic::block);
    mapping_ = settings.mutable_outbound()->add_items();
    mapping_->set_policy("p");
    mapping_->set_name("m");
    mapping_->set_action(v1::Traffic::allow);
    mapping_->add_ports()->set_last(65535);
  }

  bool LetsOut(uint32_t user, std::vector<uint64_t> control_groups) {
    const auto ruleset = Compile(policy_, interfaces_, options_);
    EXPECT_TRUE(ruleset.ok()) << ruleset.status();
    Packet packet = {.family = NFPROTO_IPV4,
                     .protocol = IPPROTO_UDP,
                     .network = Bytes(12, '\0') + Bytes("\xc0\0\2\1\xc0\0\2\2", 8),
                     .transport = Bytes("\x9c\x40\0\x35\0\x08\0\0", 8)};
    packet.out = Packet::Device{.index = 1, .name = "eth0", .type = ARPHRD_ETHER};
    packet.state = NF_CT_STATE_BIT(IP_CT_NEW);
    packet.user = user;
    packet.control_groups = std::move(control_groups);
    HostState host;
    host.interfaces.push_back({.device = *packet.out, .addresses = {Bytes("\xc0\0\2\1", 4)}});
    host.local = {{Bytes("\xc0\0\2\1", 4), 32, RTN_LOCAL, 1}};
    return Evaluate(*ruleset->inet, "output", packet, host).accepted;
  }

  v1::EffectivePolicy policy_;
  v1::Mapping* mapping_;
  CompileOptions options_;
  const std::vector<Interface> interfaces_ = {{.name = "eth0", .type = "ethernet", .index = 1}};
};

TEST_F(SendersTest, AUnitIsKnownByItsControlGroup) {
  mapping_->add_units("chrony.service");
  EXPECT_FALSE(LetsOut(0, {1, 2, 3})) << "the unit does not run";
  options_.senders.units["chrony.service"] = {{2, 3}};
  EXPECT_TRUE(LetsOut(0, {1, 2, 3}));
  EXPECT_TRUE(LetsOut(0, {1, 2, 3, 4})) << "what it has put below itself";
  EXPECT_FALSE(LetsOut(0, {1, 3, 2}));
  EXPECT_FALSE(LetsOut(0, {1, 2}));
  EXPECT_FALSE(LetsOut(0, {}));
}

TEST_F(SendersTest, OneThatFitsIsEnough) {
  mapping_->add_users("7");
  for (const char* unit : {"a.service", "b.service", "c.slice", "d.service"}) {
    mapping_->add_units(unit);
  }
  options_.senders.units = {
      {"a.service", {{2, 30}}}, {"b.service", {{2, 31}, {3, 32}}}, {"c.slice", {{1, 33}}}};
  EXPECT_TRUE(LetsOut(7, {}));
  EXPECT_TRUE(LetsOut(8, {1, 2, 30}));
  EXPECT_TRUE(LetsOut(8, {1, 2, 31}));
  EXPECT_TRUE(LetsOut(8, {1, 2, 9, 32}));
  EXPECT_TRUE(LetsOut(8, {1, 33, 99}));
  EXPECT_FALSE(LetsOut(8, {1, 2, 32}));
}

}  // namespace
}  // namespace firebreak::policy
