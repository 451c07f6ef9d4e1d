// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/gateways/gateways.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>

#include <optional>

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Each test gets a network namespace of its own, which ends with the process.
class GatewaysTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    auto opened = Gateways::Open();
    ASSERT_TRUE(opened.ok()) << opened.status();
    gateways_.emplace(*std::move(opened));
    Run("ip link add name left type veth peer name right && ip link set left up && "
        "ip link set right up && ip address add 192.0.2.2/24 dev left && "
        "ip address add 2001:db8::2/64 dev left nodad");
    index_ = if_nametoindex("left");
  }

  void Run(const char* command) { ASSERT_EQ(system(command), 0) << command; }

  std::vector<Gateway> Read() {
    const auto read = gateways_->Read();
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? *read : std::vector<Gateway>();
  }

  bool Heard() {
    pollfd entry = {gateways_->descriptor(), POLLIN, 0};
    return poll(&entry, 1, 5000) == 1;
  }

  std::optional<Gateways> gateways_;
  uint32_t index_ = 0;
};

TEST_F(GatewaysTest, FindsGatewaysAndTheirMacs) {
  EXPECT_THAT(Read(), IsEmpty());
  Run("ip route add default via 192.0.2.1 && ip -6 route add default via 2001:db8::1 dev left && "
      "ip neighbour add 192.0.2.1 lladdr 02:00:00:00:00:0a dev left nud permanent");
  EXPECT_THAT(Read(), ElementsAre(Gateway{index_, "192.0.2.1", "02:00:00:00:00:0a"},
                                  Gateway{index_, "2001:db8::1", ""}));
}

TEST_F(GatewaysTest, FindsSeveralNextHops) {
  Run("ip route add default nexthop via 192.0.2.1 dev left nexthop via 192.0.2.9 dev left");
  EXPECT_THAT(Read(),
              ElementsAre(Gateway{index_, "192.0.2.1", ""}, Gateway{index_, "192.0.2.9", ""}));
}

TEST_F(GatewaysTest, HearsOfADefaultRouteThatGoesEvenIfItComesBack) {
  Run("ip route add default via 192.0.2.1");
  ASSERT_TRUE(Heard());
  gateways_->Drain();
  Run("ip route del default && ip route add default via 192.0.2.1");
  ASSERT_TRUE(Heard());
  const Gateways::Changes changes = gateways_->Drain();
  EXPECT_TRUE(changes.any);
  EXPECT_FALSE(changes.all);
  EXPECT_THAT(changes.interfaces, ElementsAre(index_));
}

TEST_F(GatewaysTest, IgnoresOtherRoutes) {
  gateways_->Drain();
  Run("ip route add 198.51.100.0/24 via 192.0.2.1");
  ASSERT_TRUE(Heard());
  const Gateways::Changes changes = gateways_->Drain();
  EXPECT_FALSE(changes.any);
  EXPECT_THAT(Read(), IsEmpty());
}

}  // namespace
}  // namespace firebreak::agent
