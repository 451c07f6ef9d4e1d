// SPDX-License-Identifier: Apache-2.0

// Tests against the real beacon, over sockets of a network namespace of the test's own.

#include "agent/location/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "agent/location/test_beacon.h"
#include "base/descriptor/descriptor.h"
#include "base/openssl/openssl.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ProbeTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!TestBeacon::EnterNamespace()) GTEST_SKIP() << "needs root";
    target_ = {.interface_name = "lo", .interface_index = 1, .location = "corp"};
    target_.beacon = beacon_.MakeLocation("corp", "keys");
    beacon_.Serve("corp", "keys");
  }

  ProbeResult Ask(Probe& probe) {
    std::optional<ProbeResult> result;
    probe.Ask([&](ProbeResult asked) {
      result = std::move(asked);
      loop_.Stop();
    });
    loop_.Run();
    return *std::move(result);
  }
  ProbeResult AskOnce() {
    Probe probe(loop_, target_);
    return Ask(probe);
  }
  static std::vector<std::string> Names(const ProbeResult& result) {
    std::vector<std::string> names;
    for (const v1::LocationTestStep& step : result.steps) {
      names.push_back((step.passed() ? "" : "!") + step.name());
    }
    return names;
  }

  TestBeacon beacon_;
  Probe::Target target_;
  EventLoop loop_;
};

TEST_F(ProbeTest, TheBeaconProvesStepByStep) {
  const auto before = EventLoop::Clock::now();
  const ProbeResult result = AskOnce();
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(Names(result).front(), "connect");
  EXPECT_EQ(Names(result).back(), "round trip");
  EXPECT_THAT(result.evidence, HasSubstr("beacon.corp.internal at 127.0.0.1:7444"));
  // The age of a proof counts from its question.
  EXPECT_GE(result.asked, before);
  EXPECT_LE(result.asked, EventLoop::Clock::now());
}

TEST_F(ProbeTest, TheConnectionIsKeptAndEachQuestionIsAnsweredAnew) {
  Probe probe(loop_, target_);
  const ProbeResult first = Ask(probe), second = Ask(probe);
  ASSERT_TRUE(second.status.ok()) << second.status;
  EXPECT_GT(second.asked, first.asked);
  EXPECT_EQ(Names(first).front(), "connect");
  EXPECT_NE(Names(second).front(), "connect");
}

TEST_F(ProbeTest, AConnectionThatHasEndedIsMadeAnew) {
  Probe probe(loop_, target_);
  ASSERT_TRUE(Ask(probe).status.ok());
  beacon_.Serve("corp", "keys");
  const ProbeResult again = Ask(probe);
  EXPECT_TRUE(again.status.ok()) << again.status;
  beacon_.Stop();
  EXPECT_FALSE(Ask(probe).status.ok());
}

// Connects to the beacon and sends TLS records without content until the connection ends.
void SendKeyUpdates() {
  const Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = TestBeacon::Address();
  if (connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return;
  }
  const SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  const SslPtr ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), client.get());
  if (SSL_connect(ssl.get()) != 1) return;
  while (SSL_key_update(ssl.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
         SSL_do_handshake(ssl.get()) == 1) {
  }
}

TEST_F(ProbeTest, TheBeaconAnswersWhileOthersSendItRecordsThatHoldNothing) {
  signal(SIGPIPE, SIG_IGN);
  std::atomic<bool> over = false;
  std::vector<std::thread> others;
  for (int i = 0; i < 4; ++i) {
    others.emplace_back([&over] {
      while (!over) SendKeyUpdates();
    });
  }
  target_.max_round_trip = std::chrono::seconds(2);
  for (int i = 0; i < 10; ++i) {
    const ProbeResult result = AskOnce();
    EXPECT_TRUE(result.status.ok()) << result.status;
  }
  over = true;
  beacon_.Stop();
  for (std::thread& other : others) other.join();
}

TEST_F(ProbeTest, NobodyThereIsNotSuspicious) {
  beacon_.Stop();
  const ProbeResult result = AskOnce();
  EXPECT_FALSE(result.status.ok());
  EXPECT_FALSE(result.suspicious);
  EXPECT_THAT(Names(result), ElementsAre("!connect"));
}

TEST_F(ProbeTest, AnotherAuthorityIs) {
  target_.beacon.set_ca(beacon_.MakeLocation("corp", "others").ca());
  const ProbeResult result = AskOnce();
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("certificate is not valid"));
  EXPECT_TRUE(result.suspicious);
  EXPECT_THAT(Names(result), ElementsAre("connect", "!certificate"));
}

TEST_F(ProbeTest, AnotherNameIs) {
  target_.beacon.set_server_name("beacon.branch.internal");
  const ProbeResult result = AskOnce();
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("certificate is not valid"));
  EXPECT_TRUE(result.suspicious);
}

TEST_F(ProbeTest, ABeaconOfAnotherLocationProvesNothingHere) {
  target_.location = "branch";
  const ProbeResult result = AskOnce();
  EXPECT_FALSE(result.status.ok());
}

TEST_F(ProbeTest, AnInterfaceThatIsNotThereProvesNothing) {
  target_.interface_name = "eth9";
  EXPECT_THAT(Names(AskOnce()), ElementsAre("!connect"));
}

// Listens at the beacon's address and answers what the test tells it to.
class Impostor {
 public:
  explicit Impostor(std::string says) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1, hops = 255;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listener_, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
    const sockaddr_in address = TestBeacon::Address();
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 8) != 0) {
      abort();
    }
    thread_ = std::thread([this, says] {
      const int client = accept(listener_, nullptr, nullptr);
      char bytes[4096];
      while (recv(client, bytes, sizeof bytes, 0) > 0 && !says.empty()) {
        send(client, says.data(), says.size(), MSG_NOSIGNAL);
      }
      close(client);
    });
  }
  ~Impostor() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

 private:
  int listener_;
  std::thread thread_;
};

TEST_F(ProbeTest, WhoSpeaksNoTlsProvesNothing) {
  beacon_.Stop();
  const Impostor impostor("HTTP/1.1 200 OK\r\n\r\n");
  const ProbeResult result = AskOnce();
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("handshake failed"));
  EXPECT_TRUE(result.suspicious);
}

TEST_F(ProbeTest, WhoHangsUpProvesNothing) {
  beacon_.Stop();
  const Impostor impostor("");
  EXPECT_FALSE(AskOnce().status.ok());
}

TEST_F(ProbeTest, OneThatIsGivenUpCallsNobody) {
  auto probe = std::make_unique<Probe>(loop_, target_);
  probe->Ask([](const ProbeResult&) { ADD_FAILURE() << "called"; });
  EXPECT_TRUE(probe->asking());
  probe.reset();
  EXPECT_TRUE(AskOnce().status.ok());
}

}  // namespace
}  // namespace firebreak::agent
