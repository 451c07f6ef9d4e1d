// SPDX-License-Identifier: Apache-2.0
#include "cli/view/resources.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(ResourceTables, ATableForEachKind) {
  v1::GetResourcesResponse response;
  v1::Policy* policy = response.add_resources()->mutable_policy();
  policy->set_name("web");
  policy->add_groups("web");
  policy->set_priority(10);
  policy->set_firewall(v1::Firewall::on);
  policy->mutable_port_mappings()->add_items()->set_service("ssh");
  policy->mutable_icmp();
  v1::Group* group = response.add_resources()->mutable_group();
  group->set_name("web");
  (*group->mutable_match())["role"] = "web";
  group->set_description("line\nbreak");
  EXPECT_EQ(ResourceTables(response, false),
            "GROUP  MATCH     DESCRIPTION\n"
            "web    role=web  line\\nbreak\n"
            "\n"
            "POLICY  GROUPS  LOCATIONS  PRIORITY  FIREWALL  MAPPINGS  ICMP  OUTBOUND  INTERFACES\n"
            "web     web     any        10        on        1         0     -         -\n");
}

TEST(ResourceTables, NothingToShow) { EXPECT_EQ(ResourceTables({}, false), ""); }

}  // namespace
}  // namespace firebreak::cli
