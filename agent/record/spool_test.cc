// SPDX-License-Identifier: Apache-2.0
#include "agent/record/spool.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "base/checksum/crc32c.h"

namespace firebreak::agent {
namespace {

constexpr uint64_t kMaxBytes = 8 << 20;

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    char name[] = "/tmp/spool-test-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~SpoolTest() override { std::filesystem::remove_all(directory_); }

  Spool Open(uint64_t max_bytes = kMaxBytes) {
    auto spool = Spool::Open(directory_ + "/log", max_bytes);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return *std::move(spool);
  }

  static std::vector<SpooledBatch> ReadAll(Spool& spool) {
    std::vector<SpooledBatch> batches;
    for (;;) {
      auto next = spool.Next();
      if (!next.ok()) continue;
      if (!next->has_value()) return batches;
      batches.push_back(**next);
    }
  }

  std::string directory_;
};

TEST_F(SpoolTest, AnUnusedOneLeavesNothingOnTheDisk) {
  Spool spool = Open();
  EXPECT_TRUE(ReadAll(spool).empty());
  EXPECT_FALSE(spool.accounts().has_value());
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/log"));
}

TEST_F(SpoolTest, WhatWasAppendedIsThereForTheNextProcess) {
  uint64_t epoch = 0;
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Append(3, "one", {{"drop.a", 3}}).ok());
    ASSERT_TRUE(spool.Append(2, "two", {{"drop.a", 4}, {"drop.b", 1}}).ok());
    epoch = ReadAll(spool).at(0).epoch;
  }
  Spool spool = Open();
  EXPECT_EQ(*spool.accounts(), (Accounts{{"drop.a", 4}, {"drop.b", 1}}));
  ASSERT_TRUE(spool.Append(1, "three", {{"drop.a", 5}, {"drop.b", 1}}).ok());
  const auto batches = ReadAll(spool);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[1].columns, "two");
  EXPECT_EQ(batches[1].first_sequence, 4);
  EXPECT_EQ(batches[1].epoch, epoch);
  // Its own batches have numbers of their own.
  EXPECT_EQ(batches[2].first_sequence, 1);
  EXPECT_NE(batches[2].epoch, epoch);
}

TEST_F(SpoolTest, WhatIsAcknowledgedIsNotSentAgain) {
  Spool spool = Open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(spool.Append(1, absl::StrCat(i), {}).ok());
  const auto batches = ReadAll(spool);
  EXPECT_EQ(spool.waiting(), 10u);
  spool.Acknowledge(batches[0].epoch, 5);
  spool.Acknowledge(batches[0].epoch + 1, 9);  // an epoch that the spool does not know
  spool.Rewind();
  const auto rest = ReadAll(spool);
  ASSERT_EQ(rest.size(), 6u);
  EXPECT_EQ(rest[0].first_sequence, 5);
}

TEST_F(SpoolTest, FilesGoWhenAllOfThemIsAcknowledged) {
  Spool spool = Open();
  const std::string columns(100'000, 'x');
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(spool.Append(10, columns, {{"drop.a", 1}}).ok());
  EXPECT_GT(spool.bytes(), 4'000'000);
  spool.Acknowledge(ReadAll(spool)[0].epoch, 401);
  EXPECT_LT(spool.bytes(), 1000);
  EXPECT_EQ(*spool.accounts(), (Accounts{{"drop.a", 1}}));
  ASSERT_TRUE(spool.Append(1, "more", {{"drop.a", 1}}).ok());
  EXPECT_EQ(ReadAll(spool).back().first_sequence, 401);
}

TEST_F(SpoolTest, TheOldestGiveWayAndTheirNumbersAreMissing) {
  Spool spool = Open(3 << 20);
  const std::string columns(100'000, 'x');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(spool.Append(10, columns, {}).ok());
  EXPECT_LE(spool.bytes(), 3 << 20);
  const auto batches = ReadAll(spool);
  EXPECT_EQ(batches[0].first_sequence, 1 + spool.dropped());
  EXPECT_EQ(batches.back().end(), 1001);
}

// Counts like the controller that gets the batches: records, and missing numbers.
struct Delivered {
  std::map<uint64_t, uint64_t> next;  // the next number expected, by epoch
  uint64_t records = 0;
  uint64_t missing = 0;
  uint64_t known = 0;  // records dismissed as delivered before

  void Take(const SpooledBatch& batch) {
    uint64_t& expected = next.try_emplace(batch.epoch, 1).first->second;
    if (batch.end() <= expected) {
      known += batch.records;
      return;
    }
    missing += batch.first_sequence - std::min(batch.first_sequence, expected);
    records += batch.end() - std::max(batch.first_sequence, expected);
    expected = batch.end();
  }
};

TEST_F(SpoolTest, ABitThatFlipsLosesNoMoreThanItsBatchAndIsDeclared) {
  constexpr uint64_t kBatches = 6;
  constexpr uint64_t kRecords = 10;
  const std::string columns(200, 'x');
  {
    Spool spool = Open();
    for (uint64_t i = 1; i <= kBatches; ++i) {
      ASSERT_TRUE(spool.Append(kRecords, columns, {{"drop.a", i * kRecords}}).ok());
    }
  }
  const std::string path = directory_ + "/log/0000000000000000.spool";
  std::ostringstream whole;
  whole << std::ifstream(path, std::ios::binary).rdbuf();
  for (const bool delivered_before : {false, true}) {
    for (size_t at = 0; at < whole.str().size(); at += 3) {
      std::filesystem::remove_all(directory_ + "/log");
      std::filesystem::create_directory(directory_ + "/log");
      std::ofstream(path, std::ios::binary) << whole.str();
      Delivered controller;
      if (delivered_before) {
        Spool spool = Open();
        for (const SpooledBatch& batch : ReadAll(spool)) controller.Take(batch);
      }
      std::string damaged = whole.str();
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
      std::ofstream(path, std::ios::binary) << damaged;
      Spool spool = Open();
      const uint64_t before = controller.records;
      ASSERT_TRUE(spool.Append(kRecords, columns, {{"drop.a", (kBatches + 1) * kRecords}}).ok());
      for (const SpooledBatch& batch : ReadAll(spool)) controller.Take(batch);
      // New records arrive, whatever happened to the old ones.
      EXPECT_GE(controller.records - before, kRecords) << at;
      // Every record is delivered or counted as missing; exactly, where the numbers can be known.
      const uint64_t told = controller.records + controller.missing;
      EXPECT_GE(controller.records, kBatches * kRecords) << at;
      if (controller.records == kBatches * kRecords) {
        EXPECT_GT(controller.missing, 0u) << at;
      }
      if (delivered_before) {
        EXPECT_EQ(controller.records, (kBatches + 1) * kRecords) << at;
        // The spool does not know what the controller has.
        EXPECT_LE(controller.missing, kRecords) << at;
      } else {
        EXPECT_LE(told, (kBatches + 1) * kRecords) << at;
      }
    }
  }
}

TEST_F(SpoolTest, AFirstFrameThatIsDamagedLosesNothing) {
  {
    Spool spool = Open();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(spool.Append(5, "columns", {{"drop.a", 5}}).ok());
  }
  const std::string path = directory_ + "/log/0000000000000000.spool";
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(12);
  file.put('\xff');
  file.close();
  Spool spool = Open();
  EXPECT_EQ(ReadAll(spool).size(), 3u);
  EXPECT_EQ(*spool.accounts(), (Accounts{{"drop.a", 5}}));
  EXPECT_EQ(spool.waiting(), 15u);
}

TEST_F(SpoolTest, ASpoolOfAnOlderVersionIsSent) {
  std::filesystem::create_directory(directory_ + "/log");
  const auto raw = [](uint64_t number) {
    return std::string(reinterpret_cast<const char*>(&number), sizeof number);
  };
  std::string file;
  for (const std::string& payload :
       {"H" + raw(1) + raw(77) + std::string("\1\0", 2), std::string("B\1\3\1\6drop.a\3one", 15)}) {
    const uint32_t header[] = {static_cast<uint32_t>(payload.size()), Crc32c(payload)};
    file.append(reinterpret_cast<const char*>(header), sizeof header).append(payload);
  }
  std::ofstream(directory_ + "/log/0000000000000000.spool", std::ios::binary) << file;
  Spool spool = Open();
  ASSERT_TRUE(spool.Append(1, "two", {{"drop.a", 4}}).ok());
  const auto batches = ReadAll(spool);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].columns, "one");
  EXPECT_EQ(batches[0].first_sequence, 1u);
  EXPECT_EQ(batches[0].epoch, 77u);
}

TEST_F(SpoolTest, ASecondHeadIsDamage) {
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Append(3, "one", {{"drop.a", 3}}).ok());
  }
  const std::string file = std::filesystem::directory_iterator(directory_ + "/log")->path();
  std::ostringstream whole;
  whole << std::ifstream(file, std::ios::binary).rdbuf();
  std::ofstream(file, std::ios::binary | std::ios::app) << whole.str();
  Spool spool = Open();
  EXPECT_EQ(spool.waiting(), 3u);
  EXPECT_EQ(ReadAll(spool).size(), 1u);
}

TEST_F(SpoolTest, AnOlderCopyOfItselfBeginsANewEpochOnceTheControllerKnowsMore) {
  Spool spool = Open();
  ASSERT_TRUE(spool.Append(2, "one", {{"drop.a", 1}}).ok());
  const uint64_t epoch = ReadAll(spool).at(0).epoch;
  spool.Acknowledge(epoch, 3);
  ASSERT_TRUE(spool.Append(1, "two", {{"drop.a", 2}}).ok());
  spool.Rewind();
  EXPECT_EQ(ReadAll(spool).back().epoch, epoch);
  // Before it was put back it had given numbers up to 99.
  spool.Acknowledge(epoch, 100);
  ASSERT_TRUE(spool.Append(1, "three", {{"drop.a", 3}}).ok());
  spool.Rewind();
  const auto batches = ReadAll(spool);
  ASSERT_FALSE(batches.empty());
  EXPECT_NE(batches.back().epoch, epoch);
  EXPECT_EQ(batches.back().first_sequence, 2u) << "the missing number says that something is lost";
}

TEST_F(SpoolTest, AfterATornEndANewEpochBeginsAndSaysThatSomethingIsMissing) {
  uint64_t size = 0;
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Append(1, "one", {{"drop.a", 1}}).ok());
    size = spool.bytes();
    ASSERT_TRUE(spool.Append(1, std::string(100, 'x'), {{"drop.a", 2}}).ok());
  }
  const std::string path = directory_ + "/log/0000000000000000.spool";
  const auto whole = std::filesystem::file_size(path);
  for (uint64_t length = whole - 1; length > size; length -= 13) {
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/log")) {
      if (entry.path() != path) std::filesystem::remove(entry.path());
    }
    std::filesystem::resize_file(path, length);
    Spool spool = Open();
    EXPECT_EQ(*spool.accounts(), (Accounts{{"drop.a", 1}}));
    ASSERT_TRUE(spool.Append(1, std::string(100, 'y'), {{"drop.a", 2}}).ok());
    const auto batches = ReadAll(spool);
    ASSERT_EQ(batches.size(), 2u);
    EXPECT_NE(batches[0].epoch, batches[1].epoch);
    EXPECT_EQ(batches[1].first_sequence, 2u);
  }
  std::filesystem::remove_all(directory_ + "/log");
  std::filesystem::create_directory(directory_ + "/log");
  std::ofstream(path, std::ios::trunc) << "rubbish";
  Spool spool = Open();
  EXPECT_TRUE(ReadAll(spool).empty());
  ASSERT_TRUE(spool.Append(1, "new", {}).ok());
  EXPECT_EQ(ReadAll(spool).at(0).first_sequence, 2u);
}

TEST_F(SpoolTest, AnOlderCopyOfTheFilesTakesNoNewRecordAway) {
  Delivered controller;
  uint64_t epoch = 0;
  const std::string copy = directory_ + "/copy";
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Append(3, "one", {}).ok());
    std::filesystem::copy(directory_ + "/log", copy);
    ASSERT_TRUE(spool.Append(4, "two", {}).ok());
    for (const SpooledBatch& batch : ReadAll(spool)) controller.Take(batch);
    epoch = controller.next.begin()->first;
  }
  std::filesystem::remove_all(directory_ + "/log");
  std::filesystem::copy(copy, directory_ + "/log");
  Spool spool = Open();
  ASSERT_TRUE(spool.Append(2, "three", {}).ok());
  for (const SpooledBatch& batch : ReadAll(spool)) controller.Take(batch);
  EXPECT_EQ(controller.records, 9u);
  EXPECT_EQ(controller.missing, 0u);
  // The answer shows what has happened. Whether other batches were lost is not known.
  spool.Acknowledge(epoch, 8);
  ASSERT_TRUE(spool.Append(2, "four", {}).ok());
  ASSERT_TRUE(spool.Append(2, "five", {}).ok());
  for (const SpooledBatch& batch : ReadAll(spool)) controller.Take(batch);
  EXPECT_EQ(controller.records, 13u);
  EXPECT_EQ(controller.missing, 1u);
}

TEST_F(SpoolTest, AnEpochThatGivesWayWholeIsMissingInTheNext) {
  const std::string columns(100'000, 'x');
  constexpr uint64_t kMost = 3 << 20;
  { ASSERT_TRUE(Open(kMost).Append(10, columns, {}).ok()); }
  {
    Spool spool = Open(kMost);
    for (int i = 0; i < 15; ++i) ASSERT_TRUE(spool.Append(10, columns, {}).ok());
  }
  Spool spool = Open(kMost);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(spool.Append(10, columns, {}).ok());
  Delivered controller;
  for (const SpooledBatch& batch : ReadAll(spool)) controller.Take(batch);
  EXPECT_EQ(controller.next.size(), 1u);
  EXPECT_EQ(controller.records + controller.missing, 1160u);
  EXPECT_EQ(controller.missing, spool.dropped());
}

TEST_F(SpoolTest, ManyShortLivesLeaveABoundedNumberOfFiles) {
  constexpr uint64_t kLives = 1200;
  for (uint64_t i = 0; i < kLives; ++i) ASSERT_TRUE(Open().Append(1, "x", {}).ok());
  const std::filesystem::directory_iterator all(directory_ + "/log");
  EXPECT_LE(std::distance(begin(all), end(all)), 1001);
  Delivered controller;
  Spool spool = Open();
  for (const SpooledBatch& batch : ReadAll(spool)) controller.Take(batch);
  EXPECT_EQ(controller.records + controller.missing, kLives);
}

}  // namespace
}  // namespace firebreak::agent
