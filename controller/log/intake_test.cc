// SPDX-License-Identifier: Apache-2.0
#include "controller/log/intake.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "controller/log/segment_store.h"
#include "proto/log/batch.h"

namespace firebreak::controller {
namespace {

class IntakeTest : public testing::Test {
 protected:
  IntakeTest() {
    char name[] = "/tmp/intake-test-XXXXXX";
    directory_ = mkdtemp(name);
    store_ = *SegmentStore::Open(directory_ + "/log", {});
  }
  ~IntakeTest() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  static HostBatch Batch(const std::string& host, uint64_t first) {
    InternedStrings texts;
    const Record record;
    return {.host = host,
            .epoch = 1,
            .first_sequence = first,
            .columns = BatchEncoder().Encode({&record, 1}, texts)};
  }

  std::string directory_;
  std::unique_ptr<SegmentStore> store_;
};

class Bell final : public LogWatcher {
 public:
  void OnNewRecords() override {
    absl::MutexLock lock(&mutex_);
    rung_ = true;
  }
  void Await() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&rung_));
  }

 private:
  absl::Mutex mutex_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
};

TEST_F(IntakeTest, WhatIsTakenIsStoredAndTold) {
  const auto bell = std::make_shared<Bell>();
  absl::BlockingCounter done(2);
  LogIntake intake(*store_);
  intake.Watch(bell);
  for (uint64_t first : {1, 2}) {
    intake.Take(Batch("web-1", first), [&done, first](const HostBatch& batch) {
      EXPECT_TRUE(batch.status.ok());
      EXPECT_EQ(batch.next_sequence, first + 1);
      done.DecrementCount();
    });
  }
  done.Wait();
  bell->Await();
  EXPECT_EQ(store_->stats().records, 2u);
}

TEST_F(IntakeTest, AHostThatSendsTooMuchWaitsAndNobodyElse) {
  constexpr size_t kBatchBytes = 256 << 10;
  const double share = LogIntake::kBytesPerSecond * absl::ToDoubleSeconds(LogIntake::kBurst);
  // Sends more than a second's share too much, so that the limit is exceeded even on a slow
  // machine.
  const size_t batches = static_cast<size_t>(share / kBatchBytes) + 40;
  absl::Mutex mutex;
  std::vector<std::string> order;  // hosts in the order in which their batches were done
  absl::BlockingCounter done(static_cast<int>(batches) + 1);
  LogIntake intake(*store_);
  const auto note = [&](const HostBatch& batch) {
    {
      absl::MutexLock lock(&mutex);
      order.push_back(batch.host);
    }
    done.DecrementCount();
  };
  // A malformed batch costs its sender as much as a valid one.
  HostBatch rubbish = {.host = "flood", .epoch = 1, .first_sequence = 1};
  rubbish.columns.assign(kBatchBytes, 'x');
  for (size_t i = 0; i < batches; ++i) intake.Take(rubbish, note);
  intake.Take(Batch("web-1", 1), note);
  done.Wait();
  EXPECT_EQ(order.back(), "flood");
  EXPECT_EQ(std::count(order.begin(), order.end(), "web-1"), 1);
}

}  // namespace
}  // namespace firebreak::controller
