// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "agent/answer/answerers.h"
#include "agent/answer/background_answers.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {
namespace {

// Keeps the parts that are sent to it; the test says when parts are taken.
class Desk : public AnswerSink {
 public:
  void Send(v1::Answer part, std::function<void()> taken) override {
    parts.push_back(std::move(part));
    waiting.push_back(std::move(taken));
    if (on_part) on_part();
  }
  void TakeOne() {
    const auto taken = std::move(waiting.front());
    waiting.pop_front();
    taken();
  }

  std::vector<v1::Answer> parts;
  std::deque<std::function<void()>> waiting;
  std::function<void()> on_part;
};

v1::Question Rules(uint64_t id, uint32_t millis = 1000) {
  v1::Question question;
  question.set_id(id);
  question.set_timeout_millis(millis);
  question.mutable_rules();
  return question;
}

v1::Answer Text(const std::string& text, bool last) {
  v1::Answer answer;
  answer.mutable_rules()->set_text(text);
  answer.set_last(last);
  return answer;
}

class AnswerTest : public testing::Test {
 protected:
  // Asks the question with the id 1, which stays unanswered.
  void AskAndHold() {
    answerers_.Register(v1::Question::kRules, [this](std::shared_ptr<Reply> reply) {
      reply->OnCancel([this] { stopped_ = true; });
      held_ = std::move(reply);
    });
    answerers_.Ask(desk_, {}, Rules(1));
  }

  EventLoop loop_;
  Answerers answerers_{loop_};
  Desk desk_;
  std::shared_ptr<Reply> held_;
  bool stopped_ = false;
};

TEST_F(AnswerTest, AnswersWithTheNumberOfTheQuestion) {
  answerers_.Register(v1::Question::kRules,
                      [](std::shared_ptr<Reply> reply) { reply->Last(Text("x", true)); });
  answerers_.Ask(desk_, {}, Rules(7));
  ASSERT_EQ(desk_.parts.size(), 1u);
  EXPECT_EQ(desk_.parts[0].id(), 7u);
  EXPECT_TRUE(desk_.parts[0].last());
  EXPECT_EQ(desk_.parts[0].rules().text(), "x");
}

TEST_F(AnswerTest, RefusesWhatItDoesNotKnow) {
  answerers_.Ask(desk_, {}, Rules(7));
  ASSERT_EQ(desk_.parts.size(), 1u);
  EXPECT_TRUE(desk_.parts[0].last());
  EXPECT_NE(desk_.parts[0].error(), "");
}

TEST_F(AnswerTest, LetsOnlyThoseActWhoMay) {
  int acted = 0;
  answerers_.Register(
      v1::Question::kRules,
      [&](std::shared_ptr<Reply> reply) {
        ++acted;
        reply->Last({});
      },
      /*acts=*/true);
  answerers_.Ask(desk_, {.local = true, .may_act = false}, Rules(1));
  EXPECT_EQ(acted, 0);
  EXPECT_NE(desk_.parts.at(0).error(), "");
  answerers_.Ask(desk_, {.local = true, .may_act = true}, Rules(2));
  EXPECT_EQ(acted, 1);
}

TEST_F(AnswerTest, AnAnswererThatGivesUpIsToldOf) {
  answerers_.Register(v1::Question::kRules, [](std::shared_ptr<Reply>) {});
  answerers_.Ask(desk_, {}, Rules(1));
  ASSERT_EQ(desk_.parts.size(), 1u);
  EXPECT_NE(desk_.parts[0].error(), "");
}

TEST_F(AnswerTest, NobodyAsksMoreThanSoMuchAtOnce) {
  std::vector<std::shared_ptr<Reply>> held;
  answerers_.Register(v1::Question::kRules,
                      [&](std::shared_ptr<Reply> reply) { held.push_back(std::move(reply)); });
  for (uint64_t id = 0; id < Answerers::kMaxUnanswered; ++id) answerers_.Ask(desk_, {}, Rules(id));
  EXPECT_TRUE(desk_.parts.empty());
  answerers_.Ask(desk_, {}, Rules(99));
  ASSERT_EQ(desk_.parts.size(), 1u);
  EXPECT_NE(desk_.parts[0].error(), "");
  Desk other;  // another sink has a limit of its own
  answerers_.Ask(other, {}, Rules(1));
  EXPECT_TRUE(other.parts.empty());
  held.front()->Last({});
  answerers_.Ask(desk_, {}, Rules(100));
  EXPECT_EQ(held.size(), Answerers::kMaxUnanswered + 2);
  answerers_.CancelAll(desk_);
  answerers_.CancelAll(other);
}

TEST_F(AnswerTest, StopsWhenNobodyListens) {
  AskAndHold();
  answerers_.Cancel(desk_, 1);
  EXPECT_TRUE(stopped_);
  EXPECT_FALSE(held_->open());
  held_->Last(Text("late", true));
  EXPECT_TRUE(desk_.parts.empty());
}

TEST_F(AnswerTest, StopsAtTheDeadline) {
  std::shared_ptr<Reply> held;
  answerers_.Register(v1::Question::kRules, [&](std::shared_ptr<Reply> reply) {
    reply->OnCancel([&] { loop_.Stop(); });
    held = std::move(reply);
  });
  answerers_.Ask(desk_, {}, Rules(1, /*millis=*/5));
  loop_.Run();
  EXPECT_FALSE(held->open());
}

TEST_F(AnswerTest, PullsNoMoreThanTheWindow) {
  int made = 0;
  answerers_.Register(v1::Question::kRules, [&](std::shared_ptr<Reply> reply) {
    Reply::Pull(std::move(reply), [&] {
      ++made;
      return Text("x", made == kAnswerWindow + 3);
    });
  });
  answerers_.Ask(desk_, {}, Rules(1));
  EXPECT_EQ(made, kAnswerWindow);
  desk_.TakeOne();
  EXPECT_EQ(made, kAnswerWindow + 1);
  while (!desk_.waiting.empty()) desk_.TakeOne();
  EXPECT_EQ(made, kAnswerWindow + 3);
  EXPECT_TRUE(desk_.parts.back().last());
}

TEST_F(AnswerTest, ProducesInTheBackgroundNoMoreThanTheWindow) {
  BackgroundAnswers background(loop_);
  constexpr int kParts = 100;
  answerers_.Register(v1::Question::kRules, [&](std::shared_ptr<Reply> reply) {
    background.Start(std::move(reply),
                     [](const BackgroundAnswers::Emit& emit) -> absl::StatusOr<v1::Answer> {
                       for (int i = 0; i < kParts; ++i) {
                         if (!emit(Text("x", false))) return absl::CancelledError("nobody listens");
                       }
                       return Text("end", true);
                     });
  });
  size_t most = 0;
  desk_.on_part = [&] {
    most = std::max(most, desk_.waiting.size());
    if (desk_.parts.back().last()) {
      loop_.Stop();
    } else if (desk_.waiting.size() == static_cast<size_t>(kAnswerWindow)) {
      loop_.Post([&] {
        while (!desk_.waiting.empty()) desk_.TakeOne();
      });
    }
  };
  answerers_.Ask(desk_, {}, Rules(1));
  // Fewer parts than a window remain at the end, so the loop must run until they are taken.
  loop_.Run();
  EXPECT_EQ(desk_.parts.size(), kParts + 1u);
  EXPECT_LE(most, kAnswerWindow + 1u);
}

TEST_F(AnswerTest, AThreadThatWaitsIsFreedWhenNobodyListens) {
  BackgroundAnswers background(loop_);
  bool told = false;
  answerers_.Register(v1::Question::kRules, [&](std::shared_ptr<Reply> reply) {
    background.Start(std::move(reply),
                     [&](const BackgroundAnswers::Emit& emit) -> absl::StatusOr<v1::Answer> {
                       while (emit(Text("x", false))) {
                       }
                       told = true;
                       loop_.Post([&] { loop_.Stop(); });
                       return absl::CancelledError("nobody listens");
                     });
  });
  desk_.on_part = [&] {
    if (desk_.parts.size() == static_cast<size_t>(kAnswerWindow)) answerers_.Cancel(desk_, 1);
  };
  answerers_.Ask(desk_, {}, Rules(1));
  loop_.Run();
  EXPECT_TRUE(told);
  EXPECT_EQ(desk_.parts.size(), static_cast<size_t>(kAnswerWindow));
}

TEST_F(AnswerTest, WhoMayOnlyAskKeepsNobodyElseFromIt) {
  const Caller fleet, root = {.local = true},
                      other = {.local = true, .user = 1000, .may_act = false};
  Desk desks[3];
  BackgroundAnswers background(loop_);
  answerers_.Register(v1::Question::kRules, [&](std::shared_ptr<Reply> reply) {
    background.Start(std::move(reply),
                     [](const BackgroundAnswers::Emit& emit) -> absl::StatusOr<v1::Answer> {
                       while (emit(Text("x", false))) {
                       }
                       return absl::CancelledError("nobody listens");
                     });
  });
  // Each asker has a connection of its own and takes no part of its answer.
  std::deque<Desk> slow(BackgroundAnswers::kMaxThreads);
  for (Desk& desk : slow) answerers_.Ask(desk, other, Rules(1, 60'000));
  answerers_.Ask(desks[0], other, Rules(1));
  ASSERT_EQ(desks[0].parts.size(), 1u);
  EXPECT_NE(desks[0].parts[0].error(), "");
  for (Desk* desk : {&desks[1], &desks[2]}) desk->on_part = [&] { loop_.Stop(); };
  answerers_.Ask(desks[1], root, Rules(1, 60'000));
  while (desks[1].parts.empty()) loop_.Run();
  EXPECT_EQ(desks[1].parts[0].error(), "");
  answerers_.Ask(desks[2], fleet, Rules(1, 60'000));
  while (desks[2].parts.empty()) loop_.Run();
  EXPECT_EQ(desks[2].parts[0].error(), "");
  for (Desk& desk : slow) answerers_.CancelAll(desk);
  for (Desk& desk : desks) answerers_.CancelAll(desk);
}

TEST_F(AnswerTest, WhoMayOnlyAskHasLessTime) {
  uint32_t millis = 0;
  answerers_.Register(v1::Question::kRules, [&](std::shared_ptr<Reply> reply) {
    millis = reply->question().timeout_millis();
    reply->Last({});
  });
  const Caller other = {.local = true, .user = 1000, .may_act = false};
  answerers_.Ask(desk_, other, Rules(1, 20'000));
  EXPECT_EQ(millis, 20'000u);
  answerers_.Ask(desk_, other, Rules(1, 300'000));
  EXPECT_EQ(millis, 60'000u);
  answerers_.Ask(desk_, {.local = true}, Rules(1, 300'000));
  EXPECT_EQ(millis, 300'000u);
}

TEST_F(AnswerTest, WhoIsStoppedIsTold) {
  AskAndHold();
  held_->Stop(absl::DeadlineExceededError("late"));
  EXPECT_TRUE(stopped_);
  ASSERT_EQ(desk_.parts.size(), 1u);
  EXPECT_EQ(desk_.parts[0].error(), "late");
  EXPECT_FALSE(held_->open());
}

}  // namespace
}  // namespace firebreak::agent
