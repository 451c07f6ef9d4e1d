// SPDX-License-Identifier: Apache-2.0
#include "controller/front/host_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "base/descriptor/descriptor.h"
#include "controller/pki/authority.h"
#include "controller/pki/key.h"
#include "controller/store/test_database.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {
namespace {

using Flow = Conversation::Flow;
using std::chrono::seconds;
using testing::HasSubstr;

// A client whose certificate is good, which says nothing by itself, and the connection that it has.
class HostConnectionTest : public testing::Test {
 protected:
  HostConnectionTest() {
    int pair[2] = {-1, -1};
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
    near_ = Descriptor(pair[0]);
    far_ = Descriptor(pair[1]);
    const KeyPtr own = *MakeKey();
    const auto issued =
        *authority_.IssueController({"127.0.0.1"}, own.get(), absl::Hours(1), absl::Now());
    server_ = *MakeFrontContext(issued.pem, PrivateKeyPem(own.get())->view());
    tls_ = std::make_unique<TlsEnd>(server_.get(), near_.get(), gatekeeper_);

    const KeyPtr key = *MakeKey();
    const auto mine =
        *authority_.IssueClient("firebreak://admin/admin", key.get(), absl::Hours(1), absl::Now());
    SSL_CTX_use_certificate(client_context_.get(), ReadCertificate(mine.pem).get());
    SSL_CTX_use_PrivateKey(client_context_.get(), key.get());
    SSL_CTX_set_alpn_protos(client_context_.get(), reinterpret_cast<const unsigned char*>("\x02h2"),
                            3);
    client_.reset(SSL_new(client_context_.get()));
    SSL_set_fd(client_.get(), far_.get());
    SSL_set_connect_state(client_.get());
    for (;;) {
      const bool done = SSL_do_handshake(client_.get()) == 1;
      tls_->BeginTurn();
      if (tls_->Handshake() == TlsEnd::Progress::kDone && done) break;
    }
    connection_ = std::make_unique<HostConnection>(
        *tls_,
        Http2Session::Setting{loop_, pool_, methods_, std::make_shared<Caller>(),
                              std::make_shared<const Call::Reach>([](const auto&) {})},
        bytes_, now_);
  }

  Flow Say(const std::string& bytes) {
    EXPECT_EQ(SSL_write(client_.get(), bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
    return Pump();
  }
  Flow Pump() {
    tls_->BeginTurn();
    return connection_->Pump(now_);
  }
  Flow LookAfter(seconds time) {
    now_ += time;
    connection_->Look(now_);
    return Pump();
  }
  // The types of the frames that have come.
  std::vector<int> Heard() {
    std::array<char, 16'384> bytes;
    std::string all;
    for (int got; (got = SSL_read(client_.get(), bytes.data(), bytes.size())) > 0;) {
      all.append(bytes.data(), static_cast<size_t>(got));
    }
    std::vector<int> types;
    for (size_t at = 0; at + 9 <= all.size();) {
      const auto byte = [&](size_t i) { return size_t{static_cast<uint8_t>(all[at + i])}; };
      types.push_back(static_cast<int>(byte(3)));
      at += 9 + (byte(0) << 16 | byte(1) << 8 | byte(2));
    }
    return types;
  }

  static constexpr int kSettings = 4;
  static constexpr int kPing = 6;
  static constexpr int kGoAway = 7;
  const std::string greeting_ = std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") +
                                std::string("\0\0\0\4\0\0\0\0\0", 9);  // and SETTINGS

  const Authority authority_ = *Authority::Make(absl::Now());
  const ChainVerifier chain_ = *ChainVerifier::Make(authority_.certificate_pem());
  TestDatabase database_;
  const std::unique_ptr<Registry> registry_ = *Registry::Load(*database_);
  RefusedAttempts refusals_{*database_};
  RefusedHosts refused_hosts_;
  Connections connections_;
  const Gatekeeper gatekeeper_{chain_, *registry_, refusals_, refused_hosts_, connections_};
  Descriptor near_;
  Descriptor far_;
  SslContextPtr server_;
  SslContextPtr client_context_{SSL_CTX_new(TLS_client_method())};
  SslPtr client_;
  Loop loop_;
  CallPool pool_{1};
  const Methods methods_;
  Loop::Clock::time_point now_ = Loop::Clock::now();
  const std::shared_ptr<ByteBudget> bytes_ = std::make_shared<ByteBudget>(now_);
  std::unique_ptr<TlsEnd> tls_;
  std::unique_ptr<HostConnection> connection_;
};

TEST_F(HostConnectionTest, AClientThatFallsSilentIsPingedAndGivenUp) {
  ASSERT_EQ(Say(greeting_), Flow::kGoesOn);
  EXPECT_THAT(Heard(), testing::Contains(kSettings));
  EXPECT_EQ(LookAfter(seconds(kKeepaliveMillis / 1000 - 1)), Flow::kGoesOn);
  EXPECT_THAT(Heard(), testing::IsEmpty());
  EXPECT_EQ(LookAfter(seconds(1)), Flow::kGoesOn);
  EXPECT_THAT(Heard(), testing::ElementsAre(kPing));
  EXPECT_EQ(LookAfter(seconds(kKeepaliveTimeoutMillis / 1000)), Flow::kClientEnded);
}

TEST_F(HostConnectionTest, AClientThatAnswersIsKept) {
  ASSERT_EQ(Say(greeting_), Flow::kGoesOn);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(LookAfter(seconds(kKeepaliveMillis / 1000)), Flow::kGoesOn);
    EXPECT_THAT(Heard(), testing::Contains(kPing));
    EXPECT_EQ(Say(std::string("\0\0\x08\6\1\0\0\0\0", 9) + std::string(8, '\0')), Flow::kGoesOn);
  }
}

TEST_F(HostConnectionTest, AClientThatNeverSpeaksIsGivenUpSooner) {
  EXPECT_EQ(LookAfter(HostConnection::kFirstWords), Flow::kClientEnded);
}

TEST_F(HostConnectionTest, AConnectionThatNobodyUsesEndsWithAGoodbye) {
  ASSERT_EQ(Say(greeting_), Flow::kGoesOn);
  Heard();
  Flow flow = Flow::kGoesOn;
  for (seconds idle(0); idle < HostConnection::kIdle; idle += seconds(10)) {
    ASSERT_EQ(flow, Flow::kGoesOn);
    ASSERT_EQ(Say(std::string("\0\0\x08\6\0\0\0\0\0", 9) + std::string(8, '\0')), Flow::kGoesOn);
    flow = LookAfter(seconds(10));
  }
  EXPECT_EQ(flow, Flow::kServerEnded);
  EXPECT_THAT(Heard(), testing::Contains(kGoAway));
}

TEST_F(HostConnectionTest, WhoDoesNotReadIsNotReadFrom) {
  ASSERT_EQ(Say(greeting_), Flow::kGoesOn);
  const std::string ping = std::string("\0\0\x08\6\0\0\0\0\0", 9) + std::string(8, '\0');
  std::string pings;
  for (int i = 0; i < 900; ++i) pings += ping;
  // Each is answered with as many bytes.
  Flow flow = Flow::kGoesOn;
  while (flow == Flow::kGoesOn && (connection_->client_events() & EPOLLIN) != 0) {
    now_ += seconds(60);  // for the budget of frames
    flow = Say(pings);
  }
  EXPECT_EQ(flow, Flow::kGoesOn);
  EXPECT_EQ(connection_->client_events(), static_cast<uint32_t>(EPOLLOUT));
  while (!Heard().empty()) Pump();
  EXPECT_EQ(connection_->client_events(), static_cast<uint32_t>(EPOLLIN));
}

TEST_F(HostConnectionTest, WhoSendsTooMuchIsReadFromLater) {
  ASSERT_EQ(Say(greeting_), Flow::kGoesOn);
  Heard();
  // Another connection of the same host has sent so much.
  const auto owed = bytes_->Spend(100 << 20, now_);
  ASSERT_GT(owed, seconds(0));
  const std::string ping = std::string("\0\0\x08\6\0\0\0\0\0", 9) + std::string(8, '\0');
  ASSERT_EQ(Say(ping), Flow::kGoesOn);
  EXPECT_THAT(Heard(), testing::ElementsAre(kPing));
  EXPECT_EQ(connection_->client_events(), 0u);
  ASSERT_TRUE(connection_->paused_until().has_value());
  ASSERT_EQ(Say(ping), Flow::kGoesOn);
  EXPECT_THAT(Heard(), testing::IsEmpty());
  now_ = *connection_->paused_until() + seconds(1);
  ASSERT_EQ(Pump(), Flow::kGoesOn);
  EXPECT_THAT(Heard(), testing::ElementsAre(kPing));
  EXPECT_EQ(connection_->client_events(), static_cast<uint32_t>(EPOLLIN));
}

TEST_F(HostConnectionTest, WhoGoesTooFarIsCutWithTheReason) {
  ASSERT_EQ(Say(greeting_), Flow::kGoesOn);
  EXPECT_EQ(Say(std::string("\0\0\4\5\0\0\0\0\1", 9) + std::string(4, '\0')), Flow::kCut);
  EXPECT_THAT(connection_->why(), HasSubstr("PUSH_PROMISE"));
}

TEST_F(HostConnectionTest, WhatCannotBeFollowedIsCutWithTheReason) {
  ASSERT_EQ(Say(greeting_), Flow::kGoesOn);
  // An index beyond all headers that there are.
  EXPECT_EQ(Say(std::string("\0\0\1\1\4\0\0\0\1\xfe", 10)), Flow::kCut);
  EXPECT_THAT(connection_->why(), HasSubstr("headers that cannot be followed"));
}

}  // namespace
}  // namespace firebreak::controller
