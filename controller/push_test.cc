// SPDX-License-Identifier: Apache-2.0

// Tests what hosts receive from a real controller over real TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/time/timestamp.h"
#include "controller/testing/running_controller.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

constexpr char kGroups[] = R"(
kind: Group
name: web
match: {role: web}
---
kind: Group
name: db
match: {role: db}
)";

std::string Policy(const std::string& group, int port) {
  return absl::StrCat("kind: Policy\nname: ", group, "\ngroups: [", group,
                      "]\nport_mappings:\n  - {protocol: tcp, ports: ", port, "}\n");
}

class PushTest : public testing::Test {
 protected:
  std::unique_ptr<TestHost> Enrolled(const std::string& name, const std::string& role) {
    auto host = std::make_unique<TestHost>(controller_, name);
    const absl::Status status = host->Enrol(controller_.Token({{"role", role}}));
    EXPECT_TRUE(status.ok()) << status;
    return host;
  }
  std::unique_ptr<grpc::ClientReader<v1::Rollout>> Watch(uint64_t revision) {
    watch_ = std::make_unique<grpc::ClientContext>();
    watch_->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::WatchRolloutRequest request;
    request.set_revision(revision);
    return controller_.admin().WatchRollout(watch_.get(), request);
  }
  v1::Rollout LastOf(uint64_t revision) {
    const auto stream = Watch(revision);
    v1::Rollout rollout;
    while (stream->Read(&rollout)) {
    }
    EXPECT_TRUE(stream->Finish().ok());
    return rollout;
  }

  RunningController controller_;
  std::unique_ptr<grpc::ClientContext> watch_;
};

TEST_F(PushTest, AHostThatIsConnectedIsSeenThoughItSaysNothing) {
  const auto host = Enrolled("web-1", "web");
  const auto stream = host->Connect();
  stream->Acknowledge(stream->ReadPush());
  const absl::Time before = absl::Now();
  const v1::Host seen = controller_.Host("web-1");
  EXPECT_EQ(seen.state(), "online");
  EXPECT_GE(FromTimestamp(seen.last_seen()), before);
}

TEST_F(PushTest, HostsWithTheSamePoliciesReceiveTheSameBytes) {
  controller_.Apply(kGroups);
  const uint64_t revision = controller_.Apply(Policy("web", 80));
  const auto web1 = Enrolled("web1", "web");
  const auto web2 = Enrolled("web2", "web");
  const auto db1 = Enrolled("db1", "db");
  const auto stream1 = web1->Connect();
  const auto stream2 = web2->Connect();
  const auto stream3 = db1->Connect();
  const v1::Push push1 = stream1->ReadPush();
  const v1::Push push2 = stream2->ReadPush();
  const v1::Push push3 = stream3->ReadPush();
  EXPECT_EQ(push1.revision(), revision);
  EXPECT_EQ(push1.SerializeAsString(), push2.SerializeAsString());
  EXPECT_NE(push1.policy_digest(), push3.policy_digest());
  EXPECT_EQ(push1.policy_digest(), Sha256(push1.policy()));
  v1::EffectivePolicy policy;
  ASSERT_TRUE(policy.ParseFromString(push1.policy()));
  EXPECT_TRUE(policy.managed());
  ASSERT_TRUE(policy.ParseFromString(push3.policy()));
  EXPECT_FALSE(policy.managed());
}

TEST_F(PushTest, ARevisionReachesEveryHostAndItsRolloutIsProvenByReceipts) {
  controller_.Apply(kGroups);
  const auto web1 = Enrolled("web1", "web");
  const auto db1 = Enrolled("db1", "db");
  const auto web = web1->Connect();
  const auto db = db1->Connect();
  web->Acknowledge(web->ReadPush());
  db->Acknowledge(db->ReadPush());
  const uint64_t revision = controller_.Apply(Policy("web", 80));

  const auto watch = Watch(revision);
  v1::Rollout rollout;
  ASSERT_TRUE(watch->Read(&rollout));
  EXPECT_EQ(rollout.concerned(), 1u);
  EXPECT_FALSE(rollout.done());
  ASSERT_EQ(rollout.pending_size(), 1);
  EXPECT_EQ(rollout.pending(0), "web1");
  EXPECT_EQ(controller_.Host("web1").rollout(), "pending");

  const v1::Push to_db = db->ReadPush();
  EXPECT_EQ(to_db.revision(), revision);
  EXPECT_FALSE(to_db.has_policy()) << "the policy has not changed for it";
  db->Acknowledge(to_db);
  const v1::Push to_web = web->ReadPush();
  EXPECT_TRUE(to_web.has_policy());
  web->Acknowledge(to_web);
  ASSERT_TRUE(watch->Read(&rollout));
  EXPECT_EQ(rollout.applied(), 1u);
  EXPECT_TRUE(rollout.done());
  EXPECT_FALSE(watch->Read(&rollout));
  EXPECT_TRUE(watch->Finish().ok());
  EXPECT_EQ(controller_.Host("web1").rollout(), "applied");
  EXPECT_EQ(controller_.Host("web1").revision(), revision);
}

TEST_F(PushTest, OnlyTheNewestOfManyRevisionsFollowsAnUnansweredPush) {
  controller_.Apply(kGroups);
  const auto web1 = Enrolled("web1", "web");
  const auto stream = web1->Connect();
  const v1::Push first = stream->ReadPush();
  uint64_t newest = 0;
  for (int port = 1; port <= 20; ++port) newest = controller_.Apply(Policy("web", port));
  stream->Acknowledge(first);
  EXPECT_EQ(stream->ReadPush().revision(), newest);
}

TEST_F(PushTest, ARefusedRevisionIsNotRepeatedButTheNextIsSent) {
  controller_.Apply(kGroups);
  const auto web1 = Enrolled("web1", "web");
  auto stream = web1->Connect();
  stream->Acknowledge(stream->ReadPush());
  const uint64_t revision = controller_.Apply(Policy("web", 80));
  const v1::Push push = stream->ReadPush();
  stream->Refuse(push, v1::Refusal::undone);
  const v1::Rollout rollout = LastOf(revision);
  ASSERT_EQ(rollout.failed_size(), 1);
  EXPECT_EQ(rollout.failed(0).refusal().reason(), "the kernel said no");
  EXPECT_EQ(controller_.Host("web1").rollout(), "undone");

  v1::Hello hello;
  hello.mutable_refusal()->set_revision(push.revision());
  hello.mutable_refusal()->set_policy_digest(push.policy_digest());
  hello.mutable_refusal()->set_kind(v1::Refusal::undone);
  stream = web1->Connect(hello);
  // If the refused revision were sent again, it would come before this one.
  controller_.Apply("kind: Group\nname: other\nmatch: {a: b}\n");
  const v1::Push retry = stream->ReadPush();
  EXPECT_EQ(retry.revision(), revision + 1);
  EXPECT_EQ(retry.policy_digest(), push.policy_digest());
}

TEST_F(PushTest, AHostThatHasThePolicyAlreadyHasAppliedItThoughItsNumberIsUnderWay) {
  controller_.Apply(kGroups);
  controller_.Apply(Policy("web", 80));
  const auto web1 = Enrolled("web1", "web");
  const auto stream = web1->Connect();
  const v1::Push good = stream->ReadPush();
  stream->Acknowledge(good);
  controller_.Apply(Policy("web", 81));
  stream->Refuse(stream->ReadPush(), v1::Refusal::undone);
  while (controller_.Host("web1").rollout() != "undone") {
  }
  const uint64_t revision = controller_.Apply(Policy("web", 80));
  EXPECT_EQ(LastOf(revision).applied(), 1u);
  EXPECT_EQ(controller_.Host("web1").rollout(), "applied");
  EXPECT_EQ(controller_.Host("web1").revision(), revision);
  const v1::Push push = stream->ReadPush();
  EXPECT_EQ(push.revision(), revision);
  EXPECT_FALSE(push.has_policy());
}

TEST_F(PushTest, AHostThatDoesNotReadDelaysNoOther) {
  controller_.Apply(kGroups);
  const auto slow = Enrolled("web1", "web");
  const auto quick = Enrolled("web2", "web");
  const auto unread = slow->Connect();
  const auto read = quick->Connect();
  read->Acknowledge(read->ReadPush());
  for (int round = 0; round < 5; ++round) {
    // The policy is larger than the flow-control windows of the connection.
    std::string yaml = "kind: Policy\nname: web\ngroups: [web]\nport_mappings:\n";
    for (int port = 1; port <= 5000; ++port) {
      absl::StrAppend(&yaml, "  - {protocol: tcp, ports: ", port * 2 + round, "}\n");
    }
    const uint64_t revision = controller_.Apply(yaml);
    const v1::Push push = read->ReadPush();
    EXPECT_EQ(push.revision(), revision);
    read->Acknowledge(push);
  }
}

TEST_F(PushTest, ANewerStreamOfAHostReplacesTheOlder) {
  const auto web1 = Enrolled("web1", "web");
  const auto older = web1->Connect();
  older->ReadPush();
  const auto newer = web1->Connect();
  newer->ReadPush();
  EXPECT_FALSE(older->Read().has_value());
  EXPECT_EQ(older->Finish().error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(controller_.Host("web1").state(), "online");
}

TEST_F(PushTest, AStreamEndsEvenIfTheHostDoesNotRead) {
  std::string yaml = "kind: Policy\nname: web\ngroups: [all]\nport_mappings:\n";
  for (int port = 1; port <= 20'000; ++port) {
    absl::StrAppend(&yaml, "  - {protocol: tcp, ports: ", port, "}\n");
  }
  controller_.Apply(yaml);
  const auto web1 = Enrolled("web1", "web");
  const auto unread = web1->Connect();
  while (controller_.Host("web1").state() != "online") {
  }
  const auto newer = web1->Connect();
  newer->ReadPush();
  while (unread->Read().has_value()) {
  }
  EXPECT_FALSE(unread->Finish().ok());
}

TEST_F(PushTest, HelloComesFirst) {
  const auto web1 = Enrolled("web1", "web");
  const auto stream = web1->Connect();
  v1::AgentMessage message;
  message.mutable_hello();
  stream->Send(message);
  while (stream->Read().has_value()) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(PushTest, QuestionsAreRelayedAndAnswered) {
  const auto web1 = Enrolled("web1", "web");
  const auto stream = web1->Connect();
  const v1::Push unanswered = stream->ReadPush();
  grpc::ClientContext context;
  v1::AskHostRequest request;
  request.set_host("web1");
  request.mutable_question()->mutable_rules()->set_elements(true);
  const auto asked = controller_.admin().AskHost(&context, request);
  const auto question = stream->Read();
  ASSERT_TRUE(question.has_value() && question->has_question());
  EXPECT_TRUE(question->question().rules().elements());
  for (const bool last : {false, true}) {
    v1::AgentMessage message;
    message.mutable_answer()->set_id(question->question().id());
    message.mutable_answer()->mutable_rules()->set_text(last ? "second" : "first");
    message.mutable_answer()->set_last(last);
    stream->Send(message);
  }
  v1::Answer answer;
  ASSERT_TRUE(asked->Read(&answer));
  EXPECT_EQ(answer.rules().text(), "first");
  ASSERT_TRUE(asked->Read(&answer));
  EXPECT_EQ(answer.rules().text(), "second");
  EXPECT_FALSE(asked->Read(&answer));
  EXPECT_TRUE(asked->Finish().ok());
}

TEST_F(PushTest, AQuestionEndsWithItsTimeOrItsHost) {
  const auto web1 = Enrolled("web1", "web");
  auto stream = web1->Connect();
  stream->ReadPush();
  v1::AskHostRequest request;
  request.set_host("web1");
  request.mutable_question()->mutable_rules();
  request.mutable_question()->set_timeout_millis(50);
  v1::Answer answer;
  {
    grpc::ClientContext context;
    const auto asked = controller_.admin().AskHost(&context, request);
    EXPECT_FALSE(asked->Read(&answer));
    EXPECT_EQ(asked->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  request.mutable_question()->set_timeout_millis(20'000);
  {
    grpc::ClientContext context;
    const auto asked = controller_.admin().AskHost(&context, request);
    stream->Read();
    stream->Read();
    stream.reset();
    EXPECT_FALSE(asked->Read(&answer));
    EXPECT_EQ(asked->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  grpc::ClientContext context;
  const auto asked = controller_.admin().AskHost(&context, request);
  EXPECT_FALSE(asked->Read(&answer));
  const grpc::Status offline = asked->Finish();
  EXPECT_EQ(offline.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(offline.error_message(), HasSubstr("last seen"));
}

TEST_F(PushTest, EverythingIsThereAfterARestart) {
  controller_.Apply(kGroups);
  const uint64_t revision = controller_.Apply(Policy("web", 80));
  const auto web1 = Enrolled("web1", "web");
  auto stream = web1->Connect();
  const v1::Push push = stream->ReadPush();
  stream->Acknowledge(push);
  EXPECT_FALSE(LastOf(revision).concerned());
  stream.reset();
  controller_.Stop();
  controller_.Start();
  v1::Hello hello;
  hello.mutable_receipt()->set_revision(push.revision());
  hello.mutable_receipt()->set_policy_digest(push.policy_digest());
  stream = web1->Connect(hello);
  const uint64_t next = controller_.Apply(Policy("web", 81));
  EXPECT_EQ(next, revision + 1);
  EXPECT_EQ(stream->ReadPush().revision(), next) << "it had the revision before";
}

TEST_F(PushTest, WhatOthersChangedOnAHostIsShownAndRecorded) {
  const auto host = Enrolled("web1", "web");
  const auto stream = host->Connect();
  stream->ReadPush();
  v1::AgentMessage message;
  v1::Drift& drift = *message.mutable_facts()->mutable_drift();
  drift.set_times(2);
  drift.add_changed("rule added to chain input");
  drift.set_program("nft");
  drift.set_pid(77);
  drift.set_undone_micros(900);
  drift.mutable_at()->set_seconds(5);
  ASSERT_TRUE(stream->Send(message));
  ASSERT_TRUE(stream->Send(message));  // the same facts again, as after a change of addresses
  while (!controller_.Host("web1").facts().has_drift()) {
  }
  EXPECT_EQ(controller_.Host("web1").facts().drift().times(), 2u);
  controller_.Stop();
  EXPECT_THAT(controller_.Audit(),
              testing::Contains("host/web1|drift|nft (process 77) changed the rules: rule added "
                                "to chain input; undone in 900 µs; the last of 2"));
  EXPECT_THAT(controller_.Audit(), testing::Not(testing::Contains(HasSubstr("the last of 4"))));
}

}  // namespace
}  // namespace firebreak::controller
