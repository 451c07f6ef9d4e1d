#include "cli/view/mappings.h"

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
            "POLICY  GROUPS  INTERFACE  NAME   ACTION  WHAT        FROM\n"
            "web     web     any        -      allow   ssh         10.0.0.0/8\n"
            "web     web,db  eth1       pages  block   tcp 80,443  any\n");
}

}  // namespace
}  // namespace firebreak::cli
