// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/published_revision.h"

#include <gtest/gtest.h>

#include <utility>

namespace firebreak::controller {
namespace {

v1::Resource Policy(const std::string& name, const std::string& group) {
  v1::Resource resource;
  resource.mutable_policy()->set_name(name);
  resource.mutable_policy()->add_groups(group);
  resource.mutable_policy()->set_firewall(v1::Firewall::on);
  return resource;
}

v1::Resource Group(const std::string& name, const std::string& role) {
  v1::Resource resource;
  resource.mutable_group()->set_name(name);
  (*resource.mutable_group()->mutable_match())["role"] = role;
  return resource;
}

class PublishedRevisionTest : public testing::Test {
 protected:
  static policy::Configuration Configuration() {
    policy::Configuration configuration;
    configuration.Put(Group("web", "web"));
    configuration.Put(Policy("of-web", "web"));
    configuration.Put(Policy("of-web2", "host:web2"));
    return configuration;
  }
  std::shared_ptr<const Assignment> For(const std::string& host,
                                        const std::map<std::string, std::string>& labels) {
    auto assignment = revision_.For(host, labels);
    EXPECT_TRUE(assignment.ok()) << assignment.status();
    return assignment.ok() ? *assignment : nullptr;
  }

  PublishedRevision revision_{7, Configuration()};
};

TEST_F(PublishedRevisionTest, HostsWithTheSameLabelsShareTheirAssignment) {
  const auto web1 = For("web1", {{"role", "web"}});
  EXPECT_TRUE(web1->managed);
  EXPECT_EQ(For("web3", {{"role", "web"}}), web1);
  EXPECT_EQ(For("web4", {{"role", "web"}, {"site", "here"}}), web1) << "the same policies";
  EXPECT_FALSE(For("db1", {{"role", "db"}})->managed);
}

TEST_F(PublishedRevisionTest, AHostThatAPolicyNamesHasItsOwnWhoeverAsksFirst) {
  const auto web1 = For("web1", {{"role", "web"}});
  const auto web2 = For("web2", {{"role", "web"}});
  EXPECT_NE(web1, web2);
  EXPECT_EQ(For("web3", {{"role", "web"}}), web1);
  EXPECT_TRUE(For("web2", {})->managed);
  EXPECT_FALSE(For("web1", {})->managed);
}

}  // namespace
}  // namespace firebreak::controller
