// SPDX-License-Identifier: Apache-2.0

// What clients say in bytes that no client of gRPC sends.

#include "controller/front/http2/http2_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/front/http2/client_by_hand.h"
#include "controller/front/http2/echo_methods.h"
#include "controller/front/http2/plain_server.h"

namespace firebreak::controller {
namespace {

// A client of the methods that show what calls can do.
class EchoClient : private Seen, public ClientByHand {
 public:
  EchoClient() : ClientByHand(MethodsFor(static_cast<Seen&>(*this))) {}
};

std::string Conversation() {
  return std::string(kHttp2Preface) + Http2Frame(4, 0, 0, "") + Http2Frame(1, 4, 1, CallHeaders()) +
         Http2Frame(0, 1, 1, *ToWire("hello")) + Http2Frame(6, 0, 0, "12345678") +
         Http2Frame(1, 4, 3, CallHeaders({{":path", "/test/Silent"}, {"grpc-timeout", "1H"}})) +
         Http2Frame(3, 0, 3, std::string("\0\0\0\x08", 4));
}

TEST(Http2Session, AConversationByHand) {
  EchoClient client;
  EXPECT_THAT(client.Say(Conversation()), testing::HasSubstr("hello"));
  EXPECT_FALSE(client.broken());
}

TEST(Http2Session, WhatIsNotGrpcGetsAnAnswerOfHttp) {
  for (const auto& header : std::vector<std::pair<std::string, std::string>>{
           {":method", "PUT"}, {"content-type", "text/plain"}, {"grpc-timeout", "soon"}}) {
    EchoClient client;
    client.Say(std::string(kHttp2Preface) + Http2Frame(4, 0, 0, ""));
    const std::string answer = client.Say(Http2Frame(1, 5, 1, CallHeaders({header})));
    ASSERT_GT(answer.size(), 9u);
    // Headers that end the call.
    const size_t at = answer.find(std::string("\x01\x05\0\0\0\x01", 6));
    EXPECT_NE(at, std::string::npos) << header.first;
    EXPECT_FALSE(client.broken());
  }
}

TEST(Http2Session, ACallPastItsDeadlineEnds) {
  PlainServer server;
  const Descriptor client(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {.sin_family = AF_INET,
                         .sin_port = htons(static_cast<uint16_t>(server.port())),
                         .sin_addr = {htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string bytes =
      std::string(kHttp2Preface) + Http2Frame(4, 0, 0, "") +
      Http2Frame(1, 4, 1, CallHeaders({{":path", "/test/Silent"}, {"grpc-timeout", "50m"}}));
  ASSERT_EQ(send(client.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  Seen::Wait([&] { return server.seen().done == 1; });
}

TEST(Http2Session, ConnectionsThatAreCutAnywhere) {
  const std::string all = Conversation();
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    EchoClient client;
    client.Say(absl::string_view(all).substr(0, cut));
    EXPECT_FALSE(client.broken()) << cut;
  }
}

TEST(Http2Session, OneWrongByteAnywhere) {
  const std::string all = Conversation();
  for (size_t at = 0; at < all.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xff}) {
      std::string bytes = all;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      EchoClient client;
      client.Say(bytes);
      // The rest of a conversation that went wrong.
      client.Say(absl::string_view(all).substr(sizeof kHttp2Preface - 1));
    }
  }
}

TEST(Http2Session, HeadersWithoutEndBreakTheConnection) {
  EchoClient client;
  client.Say(std::string(kHttp2Preface) + Http2Frame(4, 0, 0, ""));
  // An entry of the dynamic table is repeated, one byte each.
  std::string bomb = CallHeaders() + "\x40\x01x" + "\x7f\xa1\x1e" + std::string(4000, 'a');
  bomb += std::string(10'000, '\xbe');
  client.Say(Http2Frame(1, 4, 1, bomb));
  EXPECT_TRUE(client.broken());
}

}  // namespace
}  // namespace firebreak::controller
