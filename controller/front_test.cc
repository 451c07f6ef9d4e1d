// SPDX-License-Identifier: Apache-2.0

// What clients do to the front that no client of gRPC would, against a real controller.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <list>

#include "absl/strings/str_cat.h"
#include "base/descriptor/descriptor.h"
#include "controller/testing/running_controller.h"

namespace firebreak::controller {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// A TLS connection that waits, from an address of its own.
class RawClient {
 public:
  RawClient(int port, const std::string& from) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in source = {.sin_family = AF_INET};
    inet_pton(AF_INET, from.c_str(), &source.sin_addr);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&source), sizeof source), 0);
    sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }

  // Whether the handshake is done, from this side's view.
  bool Handshake(X509* certificate, EVP_PKEY* key) {
    SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>("\x02h2"), 3);
    if (certificate != nullptr) {
      SSL_CTX_use_certificate(context_.get(), certificate);
      SSL_CTX_use_PrivateKey(context_.get(), key);
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_.get());
    return SSL_connect(ssl_.get()) == 1;
  }
  SSL* ssl() { return ssl_.get(); }
  int socket_fd() const { return socket_.get(); }

  // Until the other end has nothing more to say.
  void ReadToTheEnd() {
    char bytes[1000];
    while (SSL_read(ssl_.get(), bytes, sizeof bytes) > 0) continue;
  }

 private:
  const Descriptor socket_;
  const SslContextPtr context_{SSL_CTX_new(TLS_client_method())};
  SslPtr ssl_;
};

class FrontTest : public testing::Test {
 protected:
  FrontTest() : host_(controller_, "web1") {
    const absl::Status status = host_.Enrol(controller_.Token({}));
    EXPECT_TRUE(status.ok()) << status;
    certificate_ = ReadCertificate(host_.identity().certificate);
    key_ = KeyPtr(
        PEM_read_bio_PrivateKey(ReadFrom(host_.identity().key).get(), nullptr, nullptr, nullptr));
  }

  RunningController controller_;
  TestHost host_;
  CertificatePtr certificate_;
  KeyPtr key_;
};

TEST_F(FrontTest, AFloodOfKeyUpdatesIsCutAndOnRecord) {
  RawClient client(controller_.port(), "127.0.0.1");
  ASSERT_TRUE(client.Handshake(certificate_.get(), key_.get()));
  ASSERT_EQ(SSL_write(client.ssl(), kPreface, 24), 24);
  for (int i = 0; i < 100'000; ++i) {
    if (SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
        SSL_do_handshake(client.ssl()) != 1) {
      break;
    }
  }
  client.ReadToTheEnd();
  EXPECT_TRUE(host_.Reach().ok());
  controller_.Stop();
  EXPECT_THAT(controller_.Audit(),
              Contains(HasSubstr("host/web1|connection|cut off: too many Key")));
}

TEST_F(FrontTest, WhatIsNotHttp2IsCutThoughItsSenderIsAMember) {
  RawClient client(controller_.port(), "127.0.0.1");
  ASSERT_TRUE(client.Handshake(certificate_.get(), key_.get()));
  ASSERT_GT(SSL_write(client.ssl(), "GET / HTTP/1.1\r\n\r\n", 18), 0);
  client.ReadToTheEnd();
  controller_.Stop();
  EXPECT_THAT(controller_.Audit(), Contains(HasSubstr("what it says is not HTTP/2")));
}

TEST_F(FrontTest, ACertificateWith64KiBOfExtensionsIsNotLookedAt) {
  const CertificatePtr huge(X509_dup(certificate_.get()));
  const std::string text = absl::StrCat("ASN1:UTF8String:", std::string(64 << 10, 'x'));
  const ExtensionPtr extension(X509V3_EXT_conf(nullptr, nullptr, "1.2.3.4.5", text.c_str()));
  ASSERT_NE(extension, nullptr);
  ASSERT_EQ(X509_add_ext(huge.get(), extension.get(), -1), 1);
  X509_sign(huge.get(), key_.get(), EVP_sha256());
  RawClient client(controller_.port(), "127.0.0.1");
  if (client.Handshake(huge.get(), key_.get())) client.ReadToTheEnd();
  EXPECT_TRUE(host_.Reach().ok());
}

TEST_F(FrontTest, WhoComesFromElsewhereIsServedWhileOneNetworkTakesAllItCan) {
  std::list<RawClient> silent;
  std::list<RawClient> slow;
  for (int i = 0; i < 300; ++i) {
    silent.emplace_back(controller_.port(), "127.0.0.2");
    slow.emplace_back(controller_.port(), absl::StrCat("127.0.1.", i % 50 + 1));
    // The beginning of a ClientHello.
    send(slow.back().socket_fd(), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11, MSG_NOSIGNAL);
  }
  EXPECT_TRUE(host_.Reach().ok());
  EXPECT_TRUE(TestHost(controller_, "web2").Enrol(controller_.Token({})).ok());
}

}  // namespace
}  // namespace firebreak::controller
