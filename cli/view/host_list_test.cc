// SPDX-License-Identifier: Apache-2.0
#include "cli/view/host_list.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

void AddState(v1::Host& host, const std::string& name, const std::string& firewall,
              const std::string& location) {
  v1::InterfaceState* state = host.mutable_receipt()->add_interfaces();
  state->set_name(name);
  state->set_firewall(firewall);
  state->set_location(location);
}

TEST(HostList, OneRowAHost) {
  v1::ListHostsResponse response;
  v1::Host* web = response.add_hosts();
  web->set_name("web-1");
  web->set_state("online");
  web->set_revision(7);
  web->set_rollout("applied");
  (*web->mutable_labels())["site"] = "b";
  (*web->mutable_labels())["role"] = "web";
  AddState(*web, "eth0", "on", "corp");
  AddState(*web, "eth1", "on", "elsewhere");
  AddState(*web, "eth2", "on", "elsewhere");
  v1::Host* fresh = response.add_hosts();
  fresh->set_name("db");
  fresh->set_state("offline");
  EXPECT_EQ(HostList(response, false),
            "NAME   STATE    REVISION  ROLLOUT  FIREWALL  LOCATION                        LABELS\n"
            "web-1  online   7         applied  on        corp eth0, elsewhere eth1 eth2  "
            "role=web,site=b\n"
            "db     offline  -         -        -         -                               -\n");
}

TEST(HostList, InterfacesThatDifferAreNamed) {
  v1::ListHostsResponse response;
  v1::Host* host = response.add_hosts();
  host->set_name("a");
  AddState(*host, "eth0", "on", "x");
  AddState(*host, "eth1", "off", "x");
  EXPECT_NE(HostList(response, false).find("off eth1, on eth0"), std::string::npos);
}

TEST(HostList, NoHostsNoHeader) { EXPECT_EQ(HostList({}, false), ""); }

}  // namespace
}  // namespace firebreak::cli
