// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/conntrack/conntrack.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace firebreak::agent {
namespace {

constexpr uint16_t kPort = 5353;

// Sends one UDP packet over the loopback interface and returns its source port.
uint16_t SendOne(int family) {
  const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 six = {};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(kPort);
  six.sin6_addr = in6addr_loopback;
  sockaddr_in four = {};
  four.sin_family = AF_INET;
  four.sin_port = htons(kPort);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool v4 = family == AF_INET;
  const auto* to =
      v4 ? reinterpret_cast<const sockaddr*>(&four) : reinterpret_cast<const sockaddr*>(&six);
  EXPECT_EQ(sendto(fd, "x", 1, 0, to, v4 ? sizeof four : sizeof six), 1);
  sockaddr_in6 own = {};
  socklen_t length = sizeof own;
  getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
  close(fd);
  return ntohs(own.sin6_port);  // the port has the same offset in both address structs
}

class ConntrackTest : public testing::TestWithParam<int> {
 protected:
  // Each test gets a network namespace of its own; it ends with the process or the next test.
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(system("ip link set lo up && nft 'table inet t { chain c { type filter hook output "
                     "priority 0; ct state new accept; }; }'"),
              0);
    auto opened = Conntrack::Open();
    ASSERT_TRUE(opened.ok()) << opened.status();
    conntrack_.emplace(*std::move(opened));
  }

  std::vector<Flow> Dump(const Conntrack::Filter& filter) {
    std::vector<Flow> flows;
    const absl::Status status =
        conntrack_->Dump(filter, [&](const Flow& flow) { flows.push_back(flow); });
    EXPECT_TRUE(status.ok()) << status;
    return flows;
  }

  std::optional<Conntrack> conntrack_;
};

TEST_P(ConntrackTest, TakesUpAConnectionThatIsEstablished) {
  const bool four = GetParam() == AF_INET;
  Flow flow;
  flow.family = static_cast<uint8_t>(GetParam());
  flow.protocol = IPPROTO_TCP;
  flow.original = {.source = std::string(four ? 4 : 16, '\x21'),
                   .destination = std::string(four ? 4 : 16, '\x22'),
                   .source_port = 40'000,
                   .destination_port = 22};
  flow.reply = {.source = flow.original.destination,
                .destination = flow.original.source,
                .source_port = 22,
                .destination_port = 40'000};
  ASSERT_TRUE(conntrack_->AddEstablished(flow).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(conntrack_->AddEstablished(flow)));
  const absl::StatusOr<Flow> found = conntrack_->Get(flow);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->original, flow.original);
  EXPECT_EQ(found->reply, flow.reply);
  EXPECT_EQ(found->tcp_state, 3) << "TCP_CONNTRACK_ESTABLISHED";
  EXPECT_GT(found->timeout_seconds, 3600u);
}

TEST_P(ConntrackTest, ReadsLooksUpAndDeletesOneFlow) {
  const uint16_t first = SendOne(GetParam());
  const uint16_t second = SendOne(GetParam());
  const std::vector<Flow> flows = Dump({.family = static_cast<uint8_t>(GetParam())});
  ASSERT_EQ(flows.size(), 2u);
  const Flow& flow = flows[0].original.source_port == first ? flows[0] : flows[1];
  EXPECT_EQ(flow.family, GetParam());
  EXPECT_EQ(flow.protocol, IPPROTO_UDP);
  EXPECT_EQ(flow.original.source_port, first);
  EXPECT_EQ(flow.original.destination_port, kPort);
  EXPECT_EQ(flow.reply.source_port, kPort);
  EXPECT_EQ(flow.original.source, flow.reply.destination);
  EXPECT_GT(flow.timeout_seconds, 0u);
  EXPECT_NE(flow.id, 0u);

  const absl::StatusOr<Flow> found = conntrack_->Get(flow);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->id, flow.id);
  EXPECT_EQ(found->original, flow.original);

  EXPECT_TRUE(conntrack_->Delete(flow).ok());
  EXPECT_TRUE(absl::IsNotFound(conntrack_->Delete(flow)));
  EXPECT_TRUE(absl::IsNotFound(conntrack_->Get(flow).status()));
  const std::vector<Flow> left = Dump({});
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].original.source_port, second);
}

TEST_P(ConntrackTest, FiltersByFamilyAndMark) {
  SendOne(GetParam());
  const auto other = static_cast<uint8_t>(GetParam() == AF_INET ? AF_INET6 : AF_INET);
  EXPECT_TRUE(Dump({.family = other}).empty());
  EXPECT_TRUE(Dump({.mark = Conntrack::Filter::Mark{.value = 1}}).empty());
  EXPECT_EQ(Dump({.mark = Conntrack::Filter::Mark{.value = 0}}).size(), 1u);
}

TEST_P(ConntrackTest, DoesNotDeleteALaterFlowInTheSamePlace) {
  SendOne(GetParam());
  Flow flow = Dump({}).at(0);
  ++flow.id;
  EXPECT_TRUE(absl::IsNotFound(conntrack_->Delete(flow)));
  EXPECT_EQ(Dump({}).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Families, ConntrackTest, testing::Values(AF_INET, AF_INET6));

TEST(ReadFlow, RefusesWhatIsNoWholeFlow) {
  alignas(nlmsghdr) char buffer[512] = {};
  nlmsghdr* message = mnl_nlmsg_put_header(buffer);
  EXPECT_FALSE(ReadFlow(*message).has_value());
  auto* extra = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  extra->nfgen_family = AF_INET;
  EXPECT_FALSE(ReadFlow(*message).has_value());
  Flow flow = {.family = AF_INET, .protocol = IPPROTO_TCP};
  flow.original.source = "abcd";
  flow.original.destination = "efgh";
  PutOriginal(flow, *message);
  EXPECT_FALSE(ReadFlow(*message).has_value()) << "without its reply tuple";
}

}  // namespace
}  // namespace firebreak::agent
