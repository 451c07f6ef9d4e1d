// SPDX-License-Identifier: Apache-2.0
#include "base/tls_client/tls_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/descriptor/descriptor.h"
#include "base/openssl/openssl.h"
#include "base/testing/self_signed.h"

namespace firebreak {
namespace {

// A TLS 1.3 server on a port of its own, which serves one client on a thread.
class OneClient {
 public:
  explicit OneClient(std::function<void(SSL&)> serve)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to clients that have gone
    sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_.get(), 1);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    UseSelfSigned(*context_);
    thread_ = std::thread([this, serve = std::move(serve)] {
      const Descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      const SslPtr ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), client.get());
      if (SSL_accept(ssl.get()) == 1) serve(*ssl);
    });
  }
  ~OneClient() { thread_.join(); }

  absl::StatusOr<std::unique_ptr<TlsClient>> Connect(absl::Duration timeout) const {
    return TlsClient::Connect(absl::StrCat("127.0.0.1:", port_),
                              {.alpn = "test",
                               .certificate = "",
                               .key = "",
                               .trusts = [](X509&, STACK_OF(X509)*) { return true; },
                               .timeout = timeout});
  }

 private:
  const SslContextPtr context_{SSL_CTX_new(TLS_server_method())};
  const Descriptor listener_;
  int port_ = 0;
  std::thread thread_;
};

bool SendNothing(SSL& ssl) {
  return SSL_key_update(&ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(&ssl) == 1;
}

TEST(TlsClient, ReadsBehindRecordsThatHoldNothing) {
  const OneClient server([](SSL& ssl) {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(SendNothing(ssl));
    EXPECT_EQ(SSL_write(&ssl, "answer", 6), 6);
  });
  const auto client = server.Connect(absl::Minutes(1));
  ASSERT_TRUE(client.ok()) << client.status();
  const absl::StatusOr<std::string> read = (*client)->Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "answer");
}

TEST(TlsClient, EndsInTimeWhateverThePeerSends) {
  // The peer ends when the client does, so a client that reads for ever makes this test hang.
  const OneClient server([](SSL& ssl) {
    while (SendNothing(ssl)) {
    }
  });
  auto client = server.Connect(absl::Seconds(2));
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_TRUE(absl::IsDeadlineExceeded((*client)->Read().status()));
  client->reset();
}

}  // namespace
}  // namespace firebreak
