// SPDX-License-Identifier: Apache-2.0

// What clients say in bytes that no client of gRPC sends.

#include "controller/front/http2/http2_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <optional>

#include "absl/synchronization/mutex.h"
#include "controller/front/http2/echo_methods.h"
#include "controller/front/http2/plain_server.h"

namespace firebreak::controller {
namespace {

std::string Frame(uint8_t type, uint8_t flags, uint8_t stream, const std::string& payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  return std::string({static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                      static_cast<char>(size), static_cast<char>(type), static_cast<char>(flags), 0,
                      0, 0, static_cast<char>(stream)}) +
         payload;
}

std::string Headers(const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> headers = {{":authority", "a"},
                                                {":method", "POST"},
                                                {":path", "/test/Echo"},
                                                {":scheme", "https"},
                                                {"content-type", "application/grpc"},
                                                {"te", "trailers"}};
  for (const auto& [name, value] : more) headers[name] = value;
  std::string block;
  for (const auto& [name, value] : headers) {
    block += std::string({0, static_cast<char>(name.size())}) + name +
             static_cast<char>(value.size()) + value;
  }
  return block;
}

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// A session whose client is the test.
class ByHand {
 public:
  ByHand() : session_({loop_, pool_, methods_, std::make_shared<Caller>(), Reach()}) {}
  ~ByHand() {
    // No handler may be left that does not know.
    session_.reset();
  }

  // What the session says in answer, once its handlers have nothing more to do.
  std::string Say(absl::string_view bytes) {
    std::string answer;
    if (session_.has_value() && !session_->Receive(bytes).ok()) session_.reset();
    for (;;) {
      if (session_.has_value() && !session_->Produce(answer, answer.size() + 100'000).ok()) {
        session_.reset();
      }
      std::vector<std::function<void(Http2Session&)>> jobs;
      {
        absl::MutexLock lock(&mutex_);
        jobs.swap(jobs_);
      }
      if (jobs.empty() && Quiet()) return answer;
      for (const auto& job : jobs) {
        if (session_.has_value()) job(*session_);
      }
    }
  }
  bool broken() const { return !session_.has_value() || !session_->failure().empty(); }

 private:
  // Lets whatever is scheduled run.
  bool Quiet() {
    struct Mark final : CallPool::Task {
      void Run() override { done.set_value(); }
      std::promise<void> done;
    };
    auto mark = std::make_shared<Mark>();
    pool_.Schedule(mark);
    mark->done.get_future().wait();
    absl::MutexLock lock(&mutex_);
    return jobs_.empty();
  }
  std::shared_ptr<const Call::Reach> Reach() {
    return std::make_shared<const Call::Reach>([this](auto job) {
      absl::MutexLock lock(&mutex_);
      jobs_.push_back(std::move(job));
    });
  }

  Seen seen_;
  const Methods methods_ = MethodsFor(seen_);
  absl::Mutex mutex_;
  std::vector<std::function<void(Http2Session&)>> jobs_;
  Loop loop_;
  CallPool pool_{1};
  struct Optional : std::optional<Http2Session> {
    explicit Optional(Http2Session::Setting setting) { emplace(std::move(setting)); }
  } session_;
};

std::string Conversation() {
  return std::string(kPreface) + Frame(4, 0, 0, "") + Frame(1, 4, 1, Headers()) +
         Frame(0, 1, 1, *ToWire("hello")) + Frame(6, 0, 0, "12345678") +
         Frame(1, 4, 3, Headers({{":path", "/test/Silent"}, {"grpc-timeout", "1H"}})) +
         Frame(3, 0, 3, std::string("\0\0\0\x08", 4));
}

TEST(Http2Session, AConversationByHand) {
  ByHand client;
  EXPECT_THAT(client.Say(Conversation()), testing::HasSubstr("hello"));
  EXPECT_FALSE(client.broken());
}

TEST(Http2Session, WhatIsNotGrpcGetsAnAnswerOfHttp) {
  for (const auto& header : std::vector<std::pair<std::string, std::string>>{
           {":method", "PUT"}, {"content-type", "text/plain"}, {"grpc-timeout", "soon"}}) {
    ByHand client;
    client.Say(std::string(kPreface) + Frame(4, 0, 0, ""));
    const std::string answer = client.Say(Frame(1, 5, 1, Headers({header})));
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
      std::string(kPreface) + Frame(4, 0, 0, "") +
      Frame(1, 4, 1, Headers({{":path", "/test/Silent"}, {"grpc-timeout", "50m"}}));
  ASSERT_EQ(send(client.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  Seen::Wait([&] { return server.seen().done == 1; });
}

TEST(Http2Session, ConnectionsThatAreCutAnywhere) {
  const std::string all = Conversation();
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    ByHand client;
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
      ByHand client;
      client.Say(bytes);
      // The rest of a conversation that went wrong.
      client.Say(absl::string_view(all).substr(sizeof kPreface - 1));
    }
  }
}

TEST(Http2Session, HeadersWithoutEndBreakTheConnection) {
  ByHand client;
  client.Say(std::string(kPreface) + Frame(4, 0, 0, ""));
  // An entry of the dynamic table is repeated, one byte each.
  std::string bomb = Headers() + "\x40\x01x" + "\x7f\xa1\x1e" + std::string(4000, 'a');
  bomb += std::string(10'000, '\xbe');
  client.Say(Frame(1, 4, 1, bomb));
  EXPECT_TRUE(client.broken());
}

}  // namespace
}  // namespace firebreak::controller
