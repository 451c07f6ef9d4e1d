// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/peer_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace firebreak::controller {
namespace {

sockaddr_storage Peer(const char* address, uint16_t port) {
  sockaddr_storage peer = {};
  auto& v4 = reinterpret_cast<sockaddr_in&>(peer);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(peer);
  if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
  }
  return peer;
}

TEST(PeerAddress, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(PeerAddress(Peer("192.0.2.1", 4711)), "192.0.2.1:4711");
  EXPECT_EQ(PeerAddress(Peer("2001:db8::1", 4711)), "[2001:db8::1]:4711");
  EXPECT_EQ(PeerAddress(Peer("::ffff:192.0.2.1", 1)), "192.0.2.1:1");
  EXPECT_EQ(PeerAddress(Peer("::1", 1)), "[::1]:1");
}

TEST(PeerAddress, CanDoWithoutThePort) {
  EXPECT_EQ(WithoutPort("192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(WithoutPort("[2001:db8::1]:4711"), "[2001:db8::1]");
  EXPECT_EQ(WithoutPort(""), "");
}

TEST(PeerAddress, BelongsToANetworkThatOnePartyHas) {
  EXPECT_EQ(NetworkOf("192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(NetworkOf("[2001:db8:1:2:3:4:5:6]:4711"), "2001:db8:1:2::/64");
  EXPECT_EQ(NetworkOf("[2001:db8:1:2::9]:1"), "2001:db8:1:2::/64");
  EXPECT_EQ(NetworkOf("[fe80::1%eth0]:1"), "fe80::/64");
  EXPECT_EQ(NetworkOf("[::ffff:192.0.2.1]:1"), "[::ffff:192.0.2.1]");
  EXPECT_EQ(NetworkOf(""), "");
}

}  // namespace
}  // namespace firebreak::controller
