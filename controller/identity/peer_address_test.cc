#include "controller/identity/peer_address.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

TEST(PeerAddress, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.1:4711"), "192.0.2.1:4711");
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8::1%5D:4711"), "[2001:db8::1]:4711");
  EXPECT_EQ(PeerAddress("ipv6:%5Bfe80::1%25eth0%5D:1"), "[fe80::1%eth0]:1");
  EXPECT_EQ(PeerAddress("ipv6:[::1]:1"), "[::1]:1");
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
