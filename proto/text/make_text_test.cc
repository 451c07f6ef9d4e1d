// SPDX-License-Identifier: Apache-2.0
#include "proto/text/make_text.h"

#include <gtest/gtest.h>

#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak {
namespace {

TEST(MakeText, InAllDepthsAndLeavesTheRest) {
  v1::AgentMessage message;
  v1::Facts& facts = *message.mutable_facts();
  facts.set_kernel("6.18");
  v1::Interface& interface = *facts.add_interfaces();
  interface.set_name("caf\xe9");
  interface.set_index(7);
  interface.add_addresses("10.0.0.1/8");
  interface.add_addresses("\xff");
  facts.mutable_drift()->set_program("\xc3(");
  MakeText(message);
  EXPECT_EQ(facts.kernel(), "6.18");
  EXPECT_EQ(interface.name(), "caf\\xe9");
  EXPECT_EQ(interface.index(), 7u);
  EXPECT_EQ(interface.addresses(0), "10.0.0.1/8");
  EXPECT_EQ(interface.addresses(1), "\\xff");
  EXPECT_EQ(facts.drift().program(), "\\xc3(");
  v1::AgentMessage parsed;
  EXPECT_TRUE(parsed.ParseFromString(message.SerializeAsString()));
}

TEST(MakeText, BytesAreNoText) {
  v1::AgentMessage message;
  message.mutable_log()->set_columns("\xff\xfe");
  MakeText(message);
  EXPECT_EQ(message.log().columns(), "\xff\xfe");
}

TEST(MakeText, ValuesOfMaps) {
  v1::Host host;
  (*host.mutable_labels())["role"] = "\xff";
  MakeText(host);
  EXPECT_EQ(host.labels().at("role"), "\\xff");
}

}  // namespace
}  // namespace firebreak
