// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/controller_address.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firebreak::agent {
namespace {

TEST(ControllerAddress, IsTheNameUntilAnAttemptFails) {
  ControllerAddress address("fw.example:7443", "ipv4:192.0.2.1:7443", [](const std::string&) {});
  EXPECT_EQ(address.target(), "fw.example:7443");
  address.Failed();
  EXPECT_EQ(address.target(), "ipv4:192.0.2.1:7443");
  address.Failed();
  EXPECT_EQ(address.target(), "fw.example:7443") << "it may have moved";
  address.Failed();
  address.Reached("ipv4:192.0.2.1:7443");
  EXPECT_EQ(address.target(), "fw.example:7443");
}

TEST(ControllerAddress, IsTheNameWhereNoAddressIsKnown) {
  ControllerAddress address("fw.example:7443", "", [](const std::string&) {});
  address.Failed();
  EXPECT_EQ(address.target(), "fw.example:7443");
}

TEST(ControllerAddress, RemembersWhereTheControllerWas) {
  std::vector<std::string> remembered;
  ControllerAddress address("fw.example:7443", "rubbish",
                            [&](const std::string& last) { remembered.push_back(last); });
  address.Failed();
  EXPECT_EQ(address.target(), "fw.example:7443") << "what is no address is none";
  address.Reached("ipv6:%5B2001:db8::1%5D:7443");
  address.Reached("ipv6:%5B2001:db8::1%5D:7443");
  address.Reached("unix:/tmp/socket");
  EXPECT_EQ(remembered, std::vector<std::string>{"ipv6:%5B2001:db8::1%5D:7443"});
}

}  // namespace
}  // namespace firebreak::agent
