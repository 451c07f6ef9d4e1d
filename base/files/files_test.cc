// SPDX-License-Identifier: Apache-2.0
#include "base/files/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/temporary_directory.h"

namespace firebreak {
namespace {

class FilesTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/file";
};

TEST_F(FilesTest, ReadsWhatWasWritten) {
  ASSERT_TRUE(ReplaceFile(path_, "one").ok());
  EXPECT_EQ(*ReadFile(path_, 3), "one");
  struct stat about = {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  ASSERT_TRUE(ReplaceFile(path_, std::string(100000, 'x')).ok());
  EXPECT_EQ(ReadFile(path_, 100000)->size(), 100000u);
}

TEST_F(FilesTest, LeavesNothingBesideTheFile) {
  ASSERT_TRUE(ReplaceFile(path_, "one").ok());
  ASSERT_TRUE(ReplaceFile(path_, "two").ok());
  EXPECT_NE(access((path_ + ".new").c_str(), F_OK), 0);
  EXPECT_NE(access((path_ + ".old").c_str(), F_OK), 0);
}

TEST_F(FilesTest, OverwritesWhatACrashLeft) {
  ASSERT_TRUE(ReplaceFile(path_ + ".new", "half").ok());
  ASSERT_TRUE(ReplaceFile(path_ + ".old", "older").ok());
  ASSERT_TRUE(ReplaceFile(path_, "one").ok());
  EXPECT_EQ(*ReadFile(path_, 10), "one");
}

TEST_F(FilesTest, SaysWhyAFileIsNotRead) {
  EXPECT_TRUE(absl::IsNotFound(ReadFile(path_, 10).status()));
  ASSERT_TRUE(ReplaceFile(path_, "12345678901").ok());
  EXPECT_TRUE(absl::IsOutOfRange(ReadFile(path_, 10).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadFile(directory_.path(), 10).status()));
  ASSERT_EQ(symlink(path_.c_str(), (path_ + "link").c_str()), 0);
  EXPECT_FALSE(ReadFile(path_ + "link", 100).ok());
  ASSERT_EQ(mkfifo((path_ + "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadFile(path_ + "pipe", 10).status()));
}

TEST_F(FilesTest, ReadsFilesThatDoNotSayTheirSize) {
  EXPECT_FALSE(ReadFile("/proc/self/status", 1 << 20)->empty());
}

TEST_F(FilesTest, AFailedReplacementLeavesTheOldContent) {
  ASSERT_TRUE(ReplaceFile(path_, "old").ok());
  ASSERT_EQ(mkdir((path_ + ".new").c_str(), 0700), 0);
  EXPECT_FALSE(ReplaceFile(path_, "new").ok());
  EXPECT_EQ(*ReadFile(path_, 10), "old");
}

TEST_F(FilesTest, RenamesOverAndDeletes) {
  ASSERT_TRUE(ReplaceFile(path_, "trial").ok());
  const std::string good = directory_.path() + "/good";
  ASSERT_TRUE(ReplaceFile(good, "good").ok());
  ASSERT_TRUE(RenameFile(path_, good).ok());
  EXPECT_EQ(*ReadFile(good, 10), "trial");
  EXPECT_TRUE(absl::IsNotFound(RenameFile(path_, good)));
  EXPECT_EQ(*ReadFile(good, 10), "trial");
  EXPECT_TRUE(DeleteFile(good).ok());
  EXPECT_TRUE(DeleteFile(good).ok());
}

}  // namespace
}  // namespace firebreak
