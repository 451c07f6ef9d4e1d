// SPDX-License-Identifier: Apache-2.0

// What a host that reads slowly gets first. The host is the test itself, which says when it has
// room for more.

#include "controller/fleet/host_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/front/http2/client_by_hand.h"
#include "controller/front/http2/grpc_wire.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Body = v1::ControllerMessage::BodyCase;

constexpr uint8_t kData = 0, kHeaders = 1, kSettings = 4, kWindowUpdate = 8;
constexpr uint8_t kEndHeaders = 4;
constexpr uint8_t kStream = 1;
// More than a client takes before it gives more room (RFC 9113, 6.9.2).
constexpr size_t kLargePolicy = 200'000;

class Nobody final : public Inquiry {
 public:
  void OnAnswer(v1::Answer) override {}
  void OnHostGone(const absl::Status&) override {}
};

class HostStreamTest : public testing::Test, private HostStreamListener {
 protected:
  HostStreamTest() : client_(Connect(), {.name = "web1", .not_after = absl::InfiniteFuture()}) {
    client_.Say(std::string(kHttp2Preface) + Http2Frame(kSettings, 0, 0, "") +
                Http2Frame(kHeaders, kEndHeaders, kStream, CallHeaders({{":path", "/connect"}})));
    v1::AgentMessage hello;
    hello.mutable_hello();
    Tell(hello);
  }

  static std::shared_ptr<const Assignment> MakeRevision(uint64_t revision, size_t bytes) {
    auto made =
        MakeAssignment(revision, v1::History(), std::string(bytes, static_cast<char>(revision)),
                       /*managed=*/true);
    EXPECT_TRUE(made.ok()) << made.status();
    return std::make_shared<const Assignment>(*std::move(made));
  }
  // These return the messages that have come whole since.
  std::vector<v1::ControllerMessage> Tell(const v1::AgentMessage& message) {
    return Say(Http2Frame(kData, 0, kStream, *ToWire(message.SerializeAsString())));
  }
  std::vector<v1::ControllerMessage> Acknowledge(const Assignment& revision) {
    v1::AgentMessage message;
    message.mutable_receipt()->set_revision(revision.revision);
    message.mutable_receipt()->set_policy_digest(revision.policy_digest);
    return Tell(message);
  }
  std::vector<v1::ControllerMessage> MakeRoom() {
    const std::string more("\0\x10\0\0", 4);  // 1 MiB
    return Say(Http2Frame(kWindowUpdate, 0, 0, more) + Http2Frame(kWindowUpdate, 0, kStream, more));
  }
  std::vector<v1::ControllerMessage> Say(absl::string_view bytes) {
    const std::string answer = client_.Say(bytes);
    for (absl::string_view left = answer; left.size() >= 9;) {
      const auto at = [&](size_t i) { return static_cast<uint8_t>(left[i]); };
      const size_t size = size_t{at(0)} << 16 | size_t{at(1)} << 8 | at(2);
      if (at(3) == kData) reader_.Append(left.substr(9, size));
      left.remove_prefix(9 + size);
    }
    std::vector<v1::ControllerMessage> messages;
    for (;;) {
      const auto next = reader_.Next(1 << 20);
      EXPECT_TRUE(next.ok()) << next.status();
      if (!next.ok() || !next->has_value()) return messages;
      EXPECT_TRUE(messages.emplace_back().ParseFromString(**next));
    }
  }
  static std::vector<Body> Bodies(const std::vector<v1::ControllerMessage>& messages) {
    std::vector<Body> bodies;
    for (const auto& message : messages) bodies.push_back(message.body_case());
    return bodies;
  }

  // A host that is asked much, has told much, and has no room even for its first policy.
  void FillLine(const Assignment& first) {
    EXPECT_THAT(Say(""), IsEmpty());
    EXPECT_THAT(Acknowledge(first), IsEmpty());
    v1::AgentMessage log;
    log.mutable_log()->set_epoch(5);
    Tell(log);
    v1::Question question;
    question.mutable_rules();
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(stream_->Ask(question, std::make_shared<Nobody>()).ok());
    }
    stream_->EventsTaken(7);
    stream_->LogTaken(absl::OkStatus(), 5, 10);
  }

  std::shared_ptr<HostStream> stream_;

 private:
  Methods Connect() {
    Methods methods;
    methods["/connect"] = [this](const std::shared_ptr<Call>& call) {
      stream_ = HostStream::Start(call, *this, {trials_, numbers_});
      return stream_;
    };
    return methods;
  }

  void OnHello(const std::shared_ptr<HostStream>&, const v1::Hello&) override {}
  void OnReceipt(const HostStream&, const v1::Receipt&) override {}
  void OnRefusal(const HostStream&, const v1::Refusal&) override {}
  void OnInForce(const HostStream&, uint64_t) override {}
  void OnPushed() override {}
  void OnProven(absl::Duration) override {}
  void OnFacts(const HostStream&, const v1::Facts&) override {}
  void OnLog(const std::shared_ptr<HostStream>&, v1::LogBatch) override {}
  void OnEvent(const HostStream&, const v1::HostEvent&) override {}
  void OnEnd(const std::shared_ptr<HostStream>&) override {}
  absl::Time CertificateEnds(const HostStream&) override { return absl::InfiniteFuture(); }
  void OnBadMessage(const HostStream&, const absl::Status& reason) override {
    ADD_FAILURE() << reason;
  }

  TrialLine trials_;
  NumberLine numbers_;
  MessageReader reader_;
  ClientByHand client_;
};

TEST_F(HostStreamTest, APolicyWaitsForNoQuestionAndNoAcknowledgement) {
  const auto first = MakeRevision(1, kLargePolicy), second = MakeRevision(2, 100);
  stream_->Offer(first);
  FillLine(*first);
  stream_->Offer(second);
  const std::vector<v1::ControllerMessage> messages = MakeRoom();
  ASSERT_THAT(Bodies(messages),
              ElementsAre(Body::kPush, Body::kPush, Body::kQuestion, Body::kQuestion,
                          Body::kQuestion, Body::kEventsTaken, Body::kLogAcknowledgement));
  EXPECT_EQ(messages[0].push().revision(), 1u);
  EXPECT_EQ(messages[1].push().revision(), 2u);
}

TEST_F(HostStreamTest, ANewNumberOfAPolicyWaitsForNoQuestionEither) {
  const auto first = MakeRevision(1, kLargePolicy);
  stream_->Offer(first);
  FillLine(*first);
  auto renumbered = std::make_shared<Assignment>(*first);
  renumbered->revision = 2;
  stream_->Offer(renumbered);
  const std::vector<v1::ControllerMessage> messages = MakeRoom();
  ASSERT_EQ(messages.size(), 7u);
  EXPECT_EQ(messages[1].body_case(), Body::kPush);
  EXPECT_FALSE(messages[1].push().has_policy());
}

// A revision that follows the moment it is wanted must not keep questions away for ever.
TEST_F(HostStreamTest, AQuestionWaitsForOnePolicyAtMost) {
  const auto first = MakeRevision(1, kLargePolicy);
  stream_->Offer(first);
  FillLine(*first);
  stream_->Offer(MakeRevision(2, 100));
  stream_->Offer(MakeRevision(3, 100));
  EXPECT_THAT(Bodies(MakeRoom()),
              ElementsAre(Body::kPush, Body::kPush, Body::kQuestion, Body::kQuestion,
                          Body::kQuestion, Body::kEventsTaken, Body::kLogAcknowledgement));
}

}  // namespace
}  // namespace firebreak::controller
