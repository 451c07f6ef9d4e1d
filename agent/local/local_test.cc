// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "agent/local/client.h"
#include "agent/local/listening_socket.h"
#include "agent/local/local_server.h"
#include "agent/local/peer.h"
#include "base/frame/frame.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {
namespace {

class LocalTest : public testing::Test {
 protected:
  void SetUp() override {
    // The socket is in /tmp because its path may have at most 107 bytes, and Bazel's test directory
    // may be longer.
    char directory[] = "/tmp/local_test_XXXXXX";
    ASSERT_NE(mkdtemp(directory), nullptr);
    directory_ = directory;
    path_ = directory_ + "/agent.sock";
    answerers_.Register(v1::Question::kRules, [](std::shared_ptr<Reply> reply) {
      v1::Answer answer;
      answer.mutable_rules()->set_text("rules");
      reply->Last(std::move(answer));
    });
  }
  void TearDown() override {
    server_.reset();
    unlink(path_.c_str());
    rmdir(directory_.c_str());
  }

  void Start() {
    auto server = LocalServer::Start({.path = path_}, loop_, answerers_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  Descriptor Connect() {
    Descriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return client;
  }

  // Runs the loop until there is something to read, and returns it.
  std::string Read(const Descriptor& client) {
    std::string bytes(1 << 20, '\0');
    loop_.Watch(client.get(), [&] { loop_.Stop(); });
    loop_.Run();
    loop_.Unwatch(client.get());
    const ssize_t received = recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(received < 0 ? 0 : static_cast<size_t>(received));
    return bytes;
  }

  std::string Ask(uint64_t id) {
    v1::Question question;
    question.set_id(id);
    question.mutable_rules();
    return Frame(question.SerializeAsString());
  }

  std::string directory_;
  std::string path_;
  EventLoop loop_;
  Answerers answerers_{loop_};
  std::unique_ptr<LocalServer> server_;
};

TEST_F(LocalTest, OnlyItsOwnerMayConnect) {
  Start();
  struct stat found;
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(LocalTest, AGroupMayConnectToo) {
  const auto listener = ListenAt(path_, getgid());
  ASSERT_TRUE(listener.ok()) << listener.status();
  struct stat found;
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0660u);
  EXPECT_EQ(found.st_gid, getgid());
}

TEST_F(LocalTest, ReplacesWhatADeadAgentLeft) {
  { ASSERT_TRUE(ListenAt(path_, std::nullopt).ok()); }
  struct stat found;
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  Start();
}

TEST_F(LocalTest, DoesNotDisplaceALivingOne) {
  Start();
  EXPECT_TRUE(absl::IsAlreadyExists(ListenAt(path_, std::nullopt).status()));
}

TEST_F(LocalTest, RemovesNothingButSockets) {
  std::ofstream(path_) << "precious";
  EXPECT_TRUE(absl::IsFailedPrecondition(ListenAt(path_, std::nullopt).status()));
  std::string content;
  std::ifstream(path_) >> content;
  EXPECT_EQ(content, "precious");
}

TEST_F(LocalTest, KnowsWhoConnects) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const auto peer = IdentifyPeer(ends[0], std::nullopt);
  ASSERT_TRUE(peer.ok());
  EXPECT_TRUE(peer->local);
  EXPECT_TRUE(peer->may_act);
  EXPECT_EQ(peer->user, getuid());
  EXPECT_EQ(peer->process, getpid());
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LocalTest, AnswersQuestionsInPiecesAndInHeaps) {
  Start();
  const Descriptor client = Connect();
  const std::string questions = Ask(1) + Ask(2);
  for (const char byte : questions) ASSERT_EQ(send(client.get(), &byte, 1, 0), 1);
  std::string bytes;
  for (const uint64_t id : {1u, 2u}) {
    auto first = FirstInFrame(bytes, kMaxMessageBytes);
    while (first.ok() && !first->has_value()) {
      bytes += Read(client);
      first = FirstInFrame(bytes, kMaxMessageBytes);
    }
    ASSERT_TRUE(first.ok());
    v1::Answer answer;
    ASSERT_TRUE(answer.ParseFromArray((*first)->data(), static_cast<int>((*first)->size())));
    EXPECT_EQ(answer.id(), id);
    EXPECT_EQ(answer.rules().text(), "rules");
    bytes.erase(0, kFrameHeaderBytes + (*first)->size());
  }
}

TEST_F(LocalTest, HangsUpOnNonsense) {
  Start();
  for (const std::string& nonsense :
       {std::string("\xff\xff\xff\xff"), Frame("no message"), std::string("GET / HTTP/1.1\r\n")}) {
    const Descriptor client = Connect();
    ASSERT_EQ(send(client.get(), nonsense.data(), nonsense.size(), 0),
              static_cast<ssize_t>(nonsense.size()));
    EXPECT_EQ(Read(client), "");
  }
  const Descriptor other = Connect();
  const std::string question = Ask(1);
  ASSERT_EQ(send(other.get(), question.data(), question.size(), 0),
            static_cast<ssize_t>(question.size()));
  EXPECT_NE(Read(other), "");
}

TEST_F(LocalTest, HangsUpOnAClientThatAsksAndDoesNotRead) {
  answerers_.Register(v1::Question::kRules, [](std::shared_ptr<Reply> reply) {
    v1::Answer answer;
    answer.mutable_rules()->set_text(std::string(64 << 10, 'r'));
    reply->Last(std::move(answer));
  });
  Start();
  const Descriptor client = Connect();
  // Asks for far more answers than the socket can hold. The loop runs on another thread, until the
  // connection ends.
  size_t asked = 0;
  for (uint64_t id = 1; id < 100'000; ++id) {
    const std::string question = Ask(id);
    const ssize_t sent =
        send(client.get(), question.data(), question.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EPIPE) break;
    if (sent > 0) ++asked;
    loop_.Post([&] { loop_.Stop(); });
    loop_.Run();
  }
  EXPECT_LT(asked * (64 << 10), 4 * LocalClient::kMaxUntaken);
}

TEST_F(LocalTest, AClientThatGoesCancelsItsQuestions) {
  std::shared_ptr<Reply> held;
  answerers_.Register(v1::Question::kFlows, [&](std::shared_ptr<Reply> reply) {
    held = std::move(reply);
    loop_.Stop();
  });
  Start();
  {
    const Descriptor client = Connect();
    v1::Question question;
    question.mutable_flows();
    const std::string frame = Frame(question.SerializeAsString());
    ASSERT_EQ(send(client.get(), frame.data(), frame.size(), 0),
              static_cast<ssize_t>(frame.size()));
    loop_.Run();
    ASSERT_NE(held, nullptr);
    EXPECT_TRUE(held->open());
    held->OnCancel([&] { loop_.Stop(); });
  }
  loop_.Run();
  EXPECT_FALSE(held->open());
}

TEST_F(LocalTest, HasRoomForSoManyOnly) {
  Start();
  std::vector<Descriptor> clients;
  for (size_t i = 0; i < LocalServer::kMaxClients; ++i) {
    clients.push_back(Connect());
    loop_.Post([&] { loop_.Stop(); });
    loop_.Run();
  }
  const Descriptor one_more = Connect();
  std::string said = Read(one_more);
  const auto first = FirstInFrame(said, kMaxMessageBytes);
  ASSERT_TRUE(first.ok() && first->has_value());
  v1::Answer answer;
  ASSERT_TRUE(answer.ParseFromArray((*first)->data(), static_cast<int>((*first)->size())));
  EXPECT_NE(answer.error(), "");
}

}  // namespace
}  // namespace firebreak::agent
