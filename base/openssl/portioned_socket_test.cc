// SPDX-License-Identifier: Apache-2.0
#include "base/openssl/portioned_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>

#include "base/openssl/openssl.h"
#include "base/testing/self_signed.h"

namespace firebreak {
namespace {

constexpr size_t kPlenty = 1 << 20;

// A TLS 1.3 server that reads through a PortionedSocket, and its client, whose socket blocks.
class PortionedSocketTest : public testing::Test {
 protected:
  PortionedSocketTest() {
    int pair[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    near_ = pair[0];
    far_ = pair[1];
    fcntl(near_, F_SETFL, O_NONBLOCK);
    UseSelfSigned(*server_context_);
    server_.reset(SSL_new(server_context_.get()));
    SSL_set_accept_state(server_.get());
    socket_.emplace(server_.get(), near_);
    client_.reset(SSL_new(client_context_.get()));
    SSL_set_fd(client_.get(), far_);
    std::thread client([this] { EXPECT_EQ(SSL_connect(client_.get()), 1); });
    for (int result = 0; result != 1;) {
      socket_->Allow(100);  // so that a handshake takes several turns
      result = SSL_do_handshake(server_.get());
      if (result != 1 && SSL_get_error(server_.get(), result) != SSL_ERROR_WANT_READ) {
        ADD_FAILURE() << "the handshake failed";
        break;
      }
    }
    client.join();
  }
  ~PortionedSocketTest() override {
    server_.reset();
    client_.reset();
    close(near_);
    close(far_);
  }

  // Returns what the server reads until SSL_read returns nothing; error_ then has the reason.
  std::string Read(size_t allowed) {
    socket_->Allow(allowed);
    std::string all;
    char bytes[1000];
    int got = 0;
    while ((got = SSL_read(server_.get(), bytes, sizeof bytes)) > 0) {
      all.append(bytes, static_cast<size_t>(got));
    }
    error_ = SSL_get_error(server_.get(), got);
    return all;
  }

  const SslContextPtr server_context_{SSL_CTX_new(TLS_server_method())};
  const SslContextPtr client_context_{SSL_CTX_new(TLS_client_method())};
  int near_ = -1;
  int far_ = -1;
  SslPtr server_;
  SslPtr client_;
  std::optional<PortionedSocket> socket_;
  int error_ = SSL_ERROR_NONE;
};

TEST_F(PortionedSocketTest, BringsWhatThePeerWritesAndTellsOfItsEnd) {
  EXPECT_EQ(Read(kPlenty), "");
  EXPECT_EQ(error_, SSL_ERROR_WANT_READ);
  const uint64_t before = socket_->received();
  ASSERT_EQ(SSL_write(client_.get(), "question", 8), 8);
  EXPECT_EQ(Read(kPlenty), "question");
  EXPECT_GT(socket_->received(), before + 8);
  ASSERT_EQ(SSL_write(server_.get(), "answer", 6), 6);
  char bytes[100];
  EXPECT_EQ(SSL_read(client_.get(), bytes, sizeof bytes), 6);
  shutdown(far_, SHUT_RDWR);
  EXPECT_EQ(Read(kPlenty), "");
  EXPECT_NE(error_, SSL_ERROR_WANT_READ);
}

TEST_F(PortionedSocketTest, WhatIsNotAllowedWaitsInTheSocket) {
  ASSERT_EQ(SSL_write(client_.get(), "question", 8), 8);
  const uint64_t before = socket_->received();
  EXPECT_EQ(Read(3), "");
  EXPECT_EQ(error_, SSL_ERROR_WANT_READ);
  EXPECT_EQ(socket_->received(), before + 3);
  EXPECT_EQ(Read(kPlenty), "question");
}

// With a plain socket, SSL_read would not return until the peer stops.
TEST_F(PortionedSocketTest, RecordsThatHoldNothingEndACall) {
  std::thread client([this] {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(SSL_key_update(client_.get(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      EXPECT_EQ(SSL_do_handshake(client_.get()), 1);
    }
    EXPECT_EQ(SSL_write(client_.get(), "question", 8), 8);
  });
  int turns = 0;
  std::string read;
  while (read.empty()) {
    const uint64_t before = socket_->received();
    read = Read(4096);
    ASSERT_LE(socket_->received(), before + 4096);
    ASSERT_EQ(error_, SSL_ERROR_WANT_READ);
    if (socket_->received() > before) ++turns;
  }
  client.join();
  EXPECT_EQ(read, "question");
  EXPECT_GT(turns, 3);
}

}  // namespace
}  // namespace firebreak
