// SPDX-License-Identifier: Apache-2.0
#include "agent/record/connections.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>

namespace firebreak::agent {
namespace {

using Kind = FlowEvents::Kind;

constexpr uint32_t kAnswered = IPS_SEEN_REPLY;
constexpr uint32_t kAssured = IPS_SEEN_REPLY | IPS_ASSURED;
const FlowNews kOpen = {};
const FlowNews kClosed = {.closed = true};

Flow Tcp(uint32_t id, uint32_t status, std::optional<uint8_t> state) {
  Flow flow;
  flow.protocol = IPPROTO_TCP;
  flow.id = id;
  flow.status = status;
  flow.tcp_state = state;
  return flow;
}

Flow Udp(uint32_t id, uint32_t status) {
  Flow flow;
  flow.protocol = IPPROTO_UDP;
  flow.id = id;
  flow.status = status;
  return flow;
}

TEST(Connections, ATcpConnectionIsOpenWithItsHandshakeAndClosedWithItsEnds) {
  Connections connections;
  EXPECT_EQ(connections.Take(Kind::kBegun, Tcp(1, 0, TCP_CONNTRACK_SYN_SENT)), std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kChanged, Tcp(1, kAnswered, TCP_CONNTRACK_SYN_RECV)),
            std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kChanged, Tcp(1, kAssured, TCP_CONNTRACK_ESTABLISHED)), kOpen);
  EXPECT_EQ(connections.Take(Kind::kChanged, Tcp(1, kAssured, std::nullopt)), std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kChanged, Tcp(1, kAssured, TCP_CONNTRACK_FIN_WAIT)),
            std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kChanged, Tcp(1, kAssured, TCP_CONNTRACK_TIME_WAIT)), kClosed);
  EXPECT_EQ(connections.Take(Kind::kChanged, Tcp(1, kAssured, TCP_CONNTRACK_CLOSE)), std::nullopt)
      << "a reset behind the end";
  EXPECT_EQ(connections.Take(Kind::kEnded, Tcp(1, kAssured, TCP_CONNTRACK_CLOSE)), std::nullopt);
}

TEST(Connections, ATcpConnectionThatIsForgottenEndsThen) {
  Connections connections;
  EXPECT_EQ(connections.Take(Kind::kBegun, Tcp(1, kAssured, TCP_CONNTRACK_ESTABLISHED)), kOpen)
      << "one that was taken up from its middle";
  EXPECT_EQ(connections.Take(Kind::kEnded, Tcp(1, kAssured, TCP_CONNTRACK_ESTABLISHED)), kClosed);
}

TEST(Connections, AnAttemptIsNoConnection) {
  Connections connections;
  EXPECT_EQ(connections.Take(Kind::kBegun, Tcp(1, 0, TCP_CONNTRACK_SYN_SENT)), std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kEnded, Tcp(1, 0, TCP_CONNTRACK_CLOSE)),
            (FlowNews{.closed = true, .failure = "refused"}));
  EXPECT_EQ(connections.Take(Kind::kEnded, Tcp(2, 0, TCP_CONNTRACK_SYN_SENT)),
            (FlowNews{.closed = true, .failure = "unanswered"}));
  EXPECT_EQ(connections.Take(Kind::kEnded, Tcp(3, kAnswered, TCP_CONNTRACK_SYN_RECV)),
            (FlowNews{.closed = true, .failure = "unanswered"}));
  EXPECT_EQ(connections.Take(Kind::kChanged, Tcp(4, kAnswered, TCP_CONNTRACK_CLOSE)), std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kEnded, Udp(5, 0)),
            (FlowNews{.closed = true, .failure = "unanswered"}));
}

TEST(Connections, OtherFlowsAreOpenOnceTheyAreAnswered) {
  Connections connections;
  EXPECT_EQ(connections.Take(Kind::kBegun, Udp(1, 0)), std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kChanged, Udp(1, kAnswered)), kOpen);
  EXPECT_EQ(connections.Take(Kind::kChanged, Udp(1, kAssured)), std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kEnded, Udp(1, kAssured)), kClosed);
}

TEST(Connections, WhatIsKeptIsBounded) {
  Connections connections;
  for (uint32_t id = 0; id < 3 * Connections::kMaxKept; ++id) {
    EXPECT_EQ(connections.Take(Kind::kChanged, Udp(id, kAnswered)), kOpen);
  }
  EXPECT_EQ(connections.Take(Kind::kChanged, Udp(3 * Connections::kMaxKept - 1, kAnswered)),
            std::nullopt);
  EXPECT_EQ(connections.Take(Kind::kChanged, Udp(0, kAnswered)), kOpen);
}

}  // namespace
}  // namespace firebreak::agent
