// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/try_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "base/descriptor/descriptor.h"

namespace firebreak::agent {
namespace {

class Desk : public AnswerSink {
 public:
  explicit Desk(EventLoop& loop) : loop_(loop) {}
  void Send(v1::Answer part, std::function<void()> /*taken*/) override {
    answers.push_back(std::move(part));
    loop_.Stop();
  }
  std::vector<v1::Answer> answers;

 private:
  EventLoop& loop_;
};

// A socket of 127.0.0.1, and its port.
std::pair<Descriptor, uint16_t> Bound(int type) {
  Descriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return {std::move(socket), ntohs(address.sin_port)};
}

class TryConnectionTest : public testing::Test {
 protected:
  v1::Answer Try(uint32_t protocol, const std::string& address, uint32_t port,
                 uint32_t millis = 2000) {
    v1::Question question;
    question.set_id(1);
    v1::ProbeQuestion& probe = *question.mutable_probe();
    probe.set_protocol(protocol);
    probe.set_address(address);
    probe.set_port(port);
    probe.set_timeout_millis(millis);
    TryConnection::Start(loop_, std::make_shared<Reply>(question, Caller(), desk_));
    if (desk_.answers.empty()) loop_.Run();
    v1::Answer answer = std::move(desk_.answers.back());
    desk_.answers.clear();
    return answer;
  }

  EventLoop loop_;
  Desk desk_{loop_};
};

TEST_F(TryConnectionTest, TellsAnOpenPortFromAClosedOne) {
  const auto [listener, port] = Bound(SOCK_STREAM);
  EXPECT_EQ(Try(IPPROTO_TCP, "127.0.0.1", port).probe().outcome(), v1::ProbeAnswer::refused);
  ASSERT_EQ(listen(listener.get(), 4), 0);
  EXPECT_EQ(Try(IPPROTO_TCP, "127.0.0.1", port).probe().outcome(), v1::ProbeAnswer::answered);
}

TEST_F(TryConnectionTest, OfUdpOnlyAnAnswerCounts) {
  const auto [silent, port] = Bound(SOCK_DGRAM);
  EXPECT_EQ(Try(IPPROTO_UDP, "127.0.0.1", port, 100).probe().outcome(), v1::ProbeAnswer::silent);
  uint16_t closed = 0;
  { closed = Bound(SOCK_DGRAM).second; }
  EXPECT_EQ(Try(IPPROTO_UDP, "127.0.0.1", closed).probe().outcome(), v1::ProbeAnswer::refused);
}

TEST_F(TryConnectionTest, RefusesWhatIsNoProbe) {
  EXPECT_NE(Try(IPPROTO_TCP, "nowhere", 80).error(), "");
  EXPECT_NE(Try(IPPROTO_TCP, "127.0.0.1", 70000).error(), "");
  EXPECT_NE(Try(IPPROTO_GRE, "127.0.0.1", 0).error(), "");
}

TEST_F(TryConnectionTest, EndsWhenNobodyListens) {
  const auto [silent, port] = Bound(SOCK_DGRAM);
  v1::Question question;
  question.mutable_probe()->set_protocol(IPPROTO_UDP);
  question.mutable_probe()->set_address("127.0.0.1");
  question.mutable_probe()->set_port(port);
  question.mutable_probe()->set_timeout_millis(30'000);
  const auto reply = std::make_shared<Reply>(question, Caller(), desk_);
  TryConnection::Start(loop_, reply);
  EXPECT_GT(reply.use_count(), 1);
  reply->Cancel();
  loop_.Stop();
  loop_.Run();
  EXPECT_EQ(reply.use_count(), 1);
  EXPECT_TRUE(desk_.answers.empty());
}

}  // namespace
}  // namespace firebreak::agent
