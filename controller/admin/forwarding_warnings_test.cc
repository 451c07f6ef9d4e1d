// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/forwarding_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/resources/test_configuration.h"

namespace firebreak::controller {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

StoredHost Router(const std::string& name) {
  StoredHost host;
  host.record.name = name;
  v1::Facts& facts = host.report.facts;
  facts.set_forwards_ipv4(true);
  for (const auto& [interface, type] : {std::pair{"eth0", "ethernet"}, {"docker0", "bridge"}}) {
    v1::Interface& added = *facts.add_interfaces();
    added.set_name(interface);
    added.set_type(type);
  }
  facts.add_conflicts()->set_what("docker");
  return host;
}

std::vector<std::string> Warnings(const std::string& before, const std::string& after,
                                  const std::vector<StoredHost>& hosts) {
  const policy::Selector old_one(policy::TestConfiguration(before)),
      new_one(policy::TestConfiguration(after));
  return ForwardingWarnings(old_one, new_one, hosts);
}

constexpr char kOn[] = "kind: Policy\nname: p\ngroups: [all]\nfirewall: \"on\"\n";

TEST(ForwardingWarningsTest, TellOfHostsThatForwardAndWouldStop) {
  StoredHost plain = Router("web-1");
  plain.report.facts.set_forwards_ipv4(false);
  EXPECT_THAT(Warnings("", kOn, {Router("gw-1"), Router("gw-2"), plain}),
              ElementsAre(AllOf(HasSubstr("hosts gw-1, gw-2 forward IPv4 now and would stop"),
                                HasSubstr("come in by eth0 and"), HasSubstr("docker publishes"))));
}

TEST(ForwardingWarningsTest, SayNothingWhereNothingStops) {
  const std::vector<StoredHost> hosts = {Router("gw-1")};
  EXPECT_THAT(Warnings(kOn, std::string(kOn) + "icmp: [echo-request]\n", hosts), IsEmpty());
  EXPECT_THAT(Warnings("", std::string(kOn) + "forward: {default: allow}\n", hosts), IsEmpty());
  EXPECT_THAT(Warnings("", "kind: Policy\nname: p\ngroups: [all]\nfirewall: observe\n", hosts),
              IsEmpty());
  EXPECT_THAT(Warnings(kOn, "", hosts), IsEmpty());
}

}  // namespace
}  // namespace firebreak::controller
