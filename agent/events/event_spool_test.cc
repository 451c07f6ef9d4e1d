// SPDX-License-Identifier: Apache-2.0
#include "agent/events/event_spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

v1::HostEvent Moved(const std::string& interface) {
  v1::HostEvent event;
  event.mutable_location()->set_interface(interface);
  return event;
}

v1::HostEvent Switched(const std::string& interface, const std::string& refused = "") {
  v1::HostEvent event;
  event.mutable_local_switch()->mutable_what()->set_interface(interface);
  event.mutable_local_switch()->set_refused(refused);
  return event;
}

v1::HostEvent Opted(const std::string& refused = "") {
  v1::HostEvent event;
  event.mutable_local_option()->set_refused(refused);
  return event;
}

// Uses the real disk and a real loop; what was sent on the stream is collected in `sent_`.
class EventSpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/eventsXXXXXX";
    directory_ = mkdtemp(pattern.data());
    Start();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string File() const { return directory_ + "/events"; }
  void Start() {
    sent_.clear();
    spool_.emplace(File(), loop_, [this](const v1::HostEvent& event) { sent_.push_back(event); });
  }
  std::vector<uint64_t> TakeSent() {
    std::vector<uint64_t> numbers;
    for (const v1::HostEvent& event : sent_) numbers.push_back(event.number());
    sent_.clear();
    return numbers;
  }
  // Runs the loop until pending events have been written.
  void RunUntilWritten() {
    const auto before = std::filesystem::last_write_time(File());
    std::function<void()> look = [&] {
      if (std::filesystem::last_write_time(File()) != before) return loop_.Stop();
      loop_.RunAfter(std::chrono::milliseconds(10), look);
    };
    look();
    loop_.Run();
  }

  std::string directory_;
  EventLoop loop_;
  std::vector<v1::HostEvent> sent_;
  std::optional<EventSpool> spool_;
};

TEST_F(EventSpoolTest, WhatIsKeptIsSentOnceAndForgottenWhenTaken) {
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  EXPECT_THAT(TakeSent(), IsEmpty());
  spool_->BeginStream();
  EXPECT_THAT(TakeSent(), ElementsAre(1));
  ASSERT_TRUE(spool_->Keep(Switched("eth1")).ok());
  EXPECT_THAT(TakeSent(), ElementsAre(2));
  spool_->Taken(1);
  EXPECT_EQ(spool_->size(), 1);
  spool_->Taken(2);
  EXPECT_EQ(spool_->size(), 0);
  EXPECT_THAT(TakeSent(), IsEmpty());
}

TEST_F(EventSpoolTest, WhatAnAgentThatDiedHadNotToldIsToldByTheNext) {
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  spool_->BeginStream();
  const v1::HostEvent first = sent_.at(0);
  Start();
  spool_->BeginStream();
  ASSERT_THAT(sent_, SizeIs(1));
  // The event is identical to the last bit, so the controller recognizes it.
  EXPECT_EQ(sent_[0].SerializeAsString(), first.SerializeAsString());
  TakeSent();
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  EXPECT_THAT(TakeSent(), ElementsAre(2));
}

TEST_F(EventSpoolTest, NothingIsSentBeforeItIsOnTheDisk) {
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  spool_->BeginStream();
  EXPECT_THAT(TakeSent(), ElementsAre(1));
  spool_->KeepSoon(Moved("eth0"));
  spool_->KeepSoon(Moved("eth0"));
  EXPECT_THAT(TakeSent(), IsEmpty());
  RunUntilWritten();
  EXPECT_THAT(TakeSent(), ElementsAre(2, 3));
}

TEST_F(EventSpoolTest, ADiskThatTakesNothingIsToldOfAndTriedAgain) {
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  std::filesystem::rename(directory_, directory_ + "-away");
  EXPECT_FALSE(spool_->Keep(Switched("eth1")).ok());
  std::filesystem::rename(directory_ + "-away", directory_);
  spool_->BeginStream();
  EXPECT_THAT(TakeSent(), ElementsAre(1));
  RunUntilWritten();
  EXPECT_THAT(TakeSent(), ElementsAre(2));
}

TEST_F(EventSpoolTest, WhenItIsFullTheOldestGivesWayAndWhatWasDoneLast) {
  ASSERT_TRUE(spool_->Keep(Switched("done")).ok());
  for (int i = 0; i < EventSpool::kMaxEvents; ++i) spool_->KeepSoon(Moved("eth0"));
  ASSERT_TRUE(spool_->Keep(Switched("refused", "no")).ok());
  EXPECT_EQ(spool_->size(), EventSpool::kMaxEvents);
  spool_->BeginStream();
  const std::vector<uint64_t> sent = TakeSent();
  ASSERT_THAT(sent, SizeIs(EventSpool::kWindow));
  // 258 events were kept; the second and the third were dropped.
  EXPECT_EQ(sent[0], 1);
  EXPECT_EQ(sent[1], 4);
  spool_->Taken(sent.back());
  EXPECT_EQ(TakeSent().front(), sent.back() + 1);
}

TEST_F(EventSpoolTest, AnOptionThatWasSetGivesWayLastToo) {
  ASSERT_TRUE(spool_->Keep(Opted()).ok());
  for (int i = 0; i < EventSpool::kMaxEvents; ++i) spool_->KeepSoon(Opted("no"));
  ASSERT_TRUE(spool_->Write().ok());
  spool_->BeginStream();
  const std::vector<uint64_t> sent = TakeSent();
  ASSERT_THAT(sent, SizeIs(EventSpool::kWindow));
  EXPECT_EQ(sent[0], 1);
  EXPECT_EQ(sent[1], 3);
}

TEST_F(EventSpoolTest, OfManySwitchesTheFirstAndTheLastAreKept) {
  constexpr uint64_t kSwitches = 460;
  for (uint64_t i = 0; i < kSwitches; ++i) spool_->KeepSoon(Switched("eth0"));
  ASSERT_TRUE(spool_->Write().ok());
  spool_->BeginStream();
  std::vector<uint64_t> all;
  for (std::vector<uint64_t> sent = TakeSent(); !sent.empty(); sent = TakeSent()) {
    all.insert(all.end(), sent.begin(), sent.end());
    spool_->Taken(sent.back());
  }
  ASSERT_THAT(all, SizeIs(EventSpool::kMaxEvents));
  EXPECT_EQ(all.front(), 1);
  EXPECT_EQ(all.at(EventSpool::kWindow - 1), EventSpool::kWindow);
  EXPECT_EQ(all.at(EventSpool::kWindow), kSwitches - all.size() + EventSpool::kWindow + 1);
  EXPECT_EQ(all.back(), kSwitches);
}

TEST_F(EventSpoolTest, ADamagedFileBeginsAnotherEpoch) {
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  spool_->BeginStream();
  const uint64_t epoch = sent_.at(0).epoch();
  std::ofstream(File(), std::ios::app) << "x";
  Start();
  EXPECT_EQ(spool_->size(), 0);
  spool_->BeginStream();
  ASSERT_TRUE(spool_->Keep(Switched("eth1")).ok());
  ASSERT_THAT(sent_, SizeIs(1));
  EXPECT_EQ(sent_[0].number(), 1);
  EXPECT_NE(sent_[0].epoch(), epoch);
}

TEST_F(EventSpoolTest, ANameThatIsNotUtf8CostsNoOtherEvent) {
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  ASSERT_TRUE(spool_->Keep(Moved("caf\xe9")).ok());
  Start();
  spool_->BeginStream();
  ASSERT_THAT(sent_, SizeIs(2));
  EXPECT_EQ(sent_[0].local_switch().what().interface(), "eth0");
  EXPECT_EQ(sent_[1].location().interface(), "caf\\xe9");
}

TEST_F(EventSpoolTest, AnOlderCopyOfItselfBeginsAnotherEpoch) {
  ASSERT_TRUE(spool_->Keep(Switched("eth0")).ok());
  const std::string copy = File() + ".copy";
  std::filesystem::copy_file(File(), copy);
  ASSERT_TRUE(spool_->Keep(Switched("eth1")).ok());
  std::filesystem::rename(copy, File());
  Start();
  ASSERT_TRUE(spool_->Keep(Switched("eth2")).ok());
  spool_->BeginStream();
  TakeSent();
  // The controller has the events 1 to 3 of the lost copy.
  spool_->Taken(3);
  RunUntilWritten();
  ASSERT_THAT(sent_, SizeIs(2));
  EXPECT_EQ(sent_[0].local_switch().what().interface(), "eth0");
  EXPECT_EQ(sent_[1].local_switch().what().interface(), "eth2");
}

}  // namespace
}  // namespace firebreak::agent
