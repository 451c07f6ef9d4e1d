#include "agent/record/spool.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {
namespace {

constexpr uint64_t kBoot = 1;
constexpr uint64_t kMaxBytes = 8 << 20;

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    char name[] = "/tmp/spool-test-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~SpoolTest() override { std::filesystem::remove_all(directory_); }

  Spool Open(uint64_t boot = kBoot, uint64_t max_bytes = kMaxBytes) {
    auto spool = Spool::Open(directory_ + "/log", max_bytes, boot);
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
  EXPECT_EQ(batches[2].first_sequence, 6);
  EXPECT_EQ(batches[2].epoch, epoch);
}

TEST_F(SpoolTest, WhatIsAcknowledgedIsNotSentAgain) {
  Spool spool = Open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(spool.Append(1, absl::StrCat(i), {}).ok());
  const auto batches = ReadAll(spool);
  EXPECT_EQ(spool.waiting(), 10u);
  spool.Acknowledge(batches[0].epoch, 5);
  spool.Acknowledge(batches[0].epoch + 1, 9);  // of no epoch of ours
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
  Spool spool = Open(kBoot, 3 << 20);
  const std::string columns(100'000, 'x');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(spool.Append(10, columns, {}).ok());
  EXPECT_LE(spool.bytes(), 3 << 20);
  const auto batches = ReadAll(spool);
  EXPECT_EQ(batches[0].first_sequence, 1 + spool.dropped());
  EXPECT_EQ(batches.back().end(), 1001);
}

TEST_F(SpoolTest, AfterABootTheNumbersBeginAnew) {
  { ASSERT_TRUE(Open().Append(3, "before", {}).ok()); }
  Spool spool = Open(kBoot + 1);
  ASSERT_TRUE(spool.Append(1, "after", {}).ok());
  const auto batches = ReadAll(spool);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_NE(batches[0].epoch, batches[1].epoch);
  EXPECT_EQ(batches[1].first_sequence, 1);
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
  EXPECT_EQ(std::filesystem::file_size(file), whole.str().size());
  EXPECT_EQ(spool.waiting(), 3u);
  EXPECT_EQ(ReadAll(spool).size(), 1u);
}

TEST_F(SpoolTest, ATornOrDamagedEndIsCutOff) {
  uint64_t size = 0;
  {
    Spool spool = Open();
    ASSERT_TRUE(spool.Append(1, "one", {{"drop.a", 1}}).ok());
    size = spool.bytes();
    ASSERT_TRUE(spool.Append(1, std::string(100, 'x'), {{"drop.a", 2}}).ok());
  }
  const std::string path = directory_ + "/log/0000000000000000.spool";
  ASSERT_TRUE(std::filesystem::exists(path));
  const auto whole = std::filesystem::file_size(path);
  for (uint64_t length = size; length < whole; length += 13) {
    std::filesystem::resize_file(path, length);
    Spool spool = Open();
    EXPECT_EQ(*spool.accounts(), (Accounts{{"drop.a", 1}}));
    ASSERT_TRUE(spool.Append(1, std::string(100, 'y'), {{"drop.a", 2}}).ok());
    EXPECT_EQ(ReadAll(spool).size(), 2u);
  }
  std::ofstream(path, std::ios::trunc) << "rubbish";
  Spool spool = Open();
  EXPECT_TRUE(ReadAll(spool).empty());
}

}  // namespace
}  // namespace firebreak::agent
