// SPDX-License-Identifier: Apache-2.0
#include "agent/record/outbox.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>

namespace firebreak::agent {
namespace {

TEST(Outbox, HasNoMoreThanTwoEpochsUnderWay) {
  char name[] = "/tmp/outbox-test-XXXXXX";
  const std::string directory = mkdtemp(name);
  const auto open = [&] { return *Spool::Open(directory, 1 << 20); };
  constexpr size_t kLives = 7;
  for (size_t i = 0; i + 1 < kLives; ++i) {
    Spool spool = open();
    for (int batch = 0; batch < 3; ++batch) ASSERT_TRUE(spool.Append(2, "x", {}).ok());
  }
  Spool spool = open();
  ASSERT_TRUE(spool.Append(2, "x", {}).ok());
  std::deque<v1::LogBatch> under_way;
  Outbox outbox(spool, [&](v1::LogBatch batch) { under_way.push_back(std::move(batch)); });
  outbox.Restart();
  std::set<uint64_t> all;
  size_t batches = 0;
  while (!under_way.empty()) {
    std::set<uint64_t> epochs;
    for (const v1::LogBatch& batch : under_way) epochs.insert(batch.epoch());
    EXPECT_LE(epochs.size(), 2u);
    all.merge(epochs);
    const v1::LogBatch batch = std::move(under_way.front());
    under_way.pop_front();
    ++batches;
    outbox.Acknowledge(batch.epoch(), batch.first_sequence() + 2);
  }
  EXPECT_EQ(all.size(), kLives);
  EXPECT_EQ(batches, 3 * (kLives - 1) + 1);
  EXPECT_EQ(spool.waiting(), 0u);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace firebreak::agent
