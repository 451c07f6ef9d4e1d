// SPDX-License-Identifier: Apache-2.0
#include "base/openssl/limited_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>

#include "base/openssl/openssl.h"

namespace firebreak {
namespace {

using Fed = LimitedInput::Fed;

// A TLS 1.3 server that reads through a LimitedInput, and its client.
class LimitedInputTest : public testing::Test {
 protected:
  LimitedInputTest() {
    int pair[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    near_ = pair[0];
    far_ = pair[1];
    fcntl(near_, F_SETFL, O_NONBLOCK);
    const KeyPtr key(EVP_EC_gen("P-256"));
    const CertificatePtr certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    SSL_CTX_use_certificate(server_context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(server_context_.get(), key.get());
    server_.reset(SSL_new(server_context_.get()));
    SSL_set_accept_state(server_.get());
    client_.reset(SSL_new(client_context_.get()));
    SSL_set_fd(client_.get(), far_);
    input_.emplace(server_.get(), near_);
    std::thread client([this] { EXPECT_EQ(SSL_connect(client_.get()), 1); });
    while (!SSL_is_init_finished(server_.get())) {
      if (input_->Feed() != Fed::kSome || SSL_do_handshake(server_.get()) == 1) continue;
      if (SSL_get_error(server_.get(), -1) != SSL_ERROR_WANT_READ) break;
    }
    client.join();
  }
  ~LimitedInputTest() override {
    server_.reset();
    client_.reset();
    close(near_);
    close(far_);
  }

  // Everything that the server can read now.
  std::string Read() {
    std::string all;
    char bytes[1000];
    for (int got; (got = SSL_read(server_.get(), bytes, sizeof bytes)) > 0;) {
      all.append(bytes, static_cast<size_t>(got));
    }
    return all;
  }

  const SslContextPtr server_context_{SSL_CTX_new(TLS_server_method())};
  const SslContextPtr client_context_{SSL_CTX_new(TLS_client_method())};
  int near_ = -1;
  int far_ = -1;
  SslPtr server_;
  SslPtr client_;
  std::optional<LimitedInput> input_;
};

TEST_F(LimitedInputTest, BringsWhatThePeerWrites) {
  EXPECT_EQ(input_->Feed(), Fed::kNothing);
  ASSERT_EQ(SSL_write(client_.get(), "question", 8), 8);
  ASSERT_EQ(input_->Feed(), Fed::kSome);
  EXPECT_EQ(Read(), "question");
  EXPECT_GT(input_->unpaid(), 8u);
  input_->Paid();
  EXPECT_EQ(input_->unpaid(), 0u);
  ASSERT_EQ(SSL_write(server_.get(), "answer", 6), 6);
  char bytes[100];
  EXPECT_EQ(SSL_read(client_.get(), bytes, sizeof bytes), 6);
  shutdown(far_, SHUT_RDWR);
  EXPECT_EQ(input_->Feed(), Fed::kEnd);
}

// If SSL_read read from the socket itself, it would not return before the peer stops sending.
TEST_F(LimitedInputTest, RecordsThatHoldNothingEndACall) {
  std::thread client([this] {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(SSL_key_update(client_.get(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      EXPECT_EQ(SSL_do_handshake(client_.get()), 1);
    }
    EXPECT_EQ(SSL_write(client_.get(), "question", 8), 8);
  });
  int feeds = 0;
  std::string read;
  while (read.empty()) {
    const Fed fed = input_->Feed();
    ASSERT_NE(fed, Fed::kEnd);
    if (fed == Fed::kNothing) continue;
    ++feeds;
    read = Read();
  }
  client.join();
  EXPECT_EQ(read, "question");
  EXPECT_GT(feeds, 3);
  EXPECT_GT(input_->unpaid(), 3 * LimitedInput::kPortion);
}

}  // namespace
}  // namespace firebreak
