// SPDX-License-Identifier: Apache-2.0
#include "cli/view/mappings.h"

#include <string>

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(MappingTable, OneRowAMapping) {
  v1::ListMappingsResponse response;
  v1::MappingEntry* ssh = response.add_mappings();
  ssh->set_policy("web");
  ssh->set_groups("web");
  ssh->mutable_mapping()->set_service("ssh");
  ssh->mutable_mapping()->add_from("10.0.0.0/8");
  v1::MappingEntry* web = response.add_mappings();
  web->set_policy("web");
  web->set_groups("web,db");
  web->set_interface("eth1");
  web->mutable_mapping()->set_name("pages");
  web->mutable_mapping()->set_protocol("tcp");
  web->mutable_mapping()->add_ports("80");
  web->mutable_mapping()->add_ports("443");
  web->mutable_mapping()->set_action(v1::Traffic::block);
  EXPECT_EQ(MappingTable(response, false),
            "POLICY  GROUPS  INTERFACE  NAME   ACTION  WHAT        FROM        MORE  DESCRIPTION\n"
            "web     web     any        -      allow   ssh         10.0.0.0/8  -     -\n"
            "web     web,db  eth1       pages  block   tcp 80,443  any         -     -\n");
}

TEST(MappingTable, WhateverElseAMappingSaysIsInItsWords) {
  v1::ListMappingsResponse response;
  v1::PortMapping& mapping = *response.add_mappings()->mutable_mapping();
  mapping.set_protocol("icmp");
  mapping.add_types("echo-request");
  mapping.add_from_except("10.0.0.0/8");
  mapping.add_to("192.0.2.1");
  mapping.mutable_limit()->set_rate("10/minute");
  mapping.mutable_limit()->set_burst(20);
  mapping.mutable_limit()->set_per(v1::Per::source);
  mapping.set_log(true);
  mapping.set_action(v1::Traffic::reject);
  mapping.set_description("for the monitoring");
  mapping.set_enabled(false);
  const std::string table = MappingTable(response, false);
  for (const char* part :
       {"icmp echo-request", "any except 10.0.0.0/8", "reject", "for the monitoring",
        "to 192.0.2.1; limit 10/minute per source burst 20; log all; not enabled"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << "\n" << table;
  }
}

}  // namespace
}  // namespace firebreak::cli
