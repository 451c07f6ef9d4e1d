#include "agent/kernel/links/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>

#include "agent/kernel/links/interface_type.h"

namespace firebreak::agent {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;

TEST(InterfaceType, TellsKindsApart) {
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_LOOPBACK}), "loopback");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER}), "ethernet");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .wireless = true}), "wireless");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_NONE, .kind = "wireguard"}), "vpn");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .kind = "bridge"}), "bridge");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .kind = "veth"}), "ethernet");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .kind = "veth", .has_master = true}),
            "container");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_PPP}), "ppp");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_INFINIBAND}), "other");
}

// In a network namespace of its own, which goes with the process.
TEST(Links, SeesInterfacesComeAndChange) {
  if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
  auto links = Links::Open();
  ASSERT_TRUE(links.ok()) << links.status();
  ASSERT_EQ(
      system(
          "ip link add name left type veth peer name right && ip link add name br0 type bridge &&"
          "ip link set right master br0 && ip address add 192.0.2.1/24 dev left &&"
          "ip link set left up && ip link set right up"),
      0);
  pollfd entry = {links->descriptor(), POLLIN, 0};
  ASSERT_EQ(poll(&entry, 1, 5000), 1);
  links->Drain();
  entry.revents = 0;
  const auto seen = links->Read();
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(*seen, Contains(AllOf(Field(&Link::name, "left"), Field(&Link::type, "ethernet"),
                                    Field(&Link::addresses, Contains("192.0.2.1/24")))));
  EXPECT_THAT(*seen, Contains(AllOf(Field(&Link::name, "right"), Field(&Link::type, "container"))));
  EXPECT_THAT(*seen, Contains(AllOf(Field(&Link::name, "br0"), Field(&Link::type, "bridge"))));
  EXPECT_THAT(*seen, Contains(Field(&Link::type, "loopback")));
}

}  // namespace
}  // namespace firebreak::agent
