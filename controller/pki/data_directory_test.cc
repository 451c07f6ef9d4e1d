// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

class DataDirectoryTest : public testing::Test {
 protected:
  DataDirectoryTest() {
    std::string pattern = testing::TempDir() + "/dataXXXXXX";
    parent_ = mkdtemp(pattern.data());
    path_ = parent_ + "/data";
  }
  ~DataDirectoryTest() override { std::filesystem::remove_all(parent_); }

  static mode_t ModeOf(const std::string& path) {
    struct stat about = {};
    EXPECT_EQ(stat(path.c_str(), &about), 0) << path;
    return about.st_mode & 07777;
  }

  std::string parent_;
  std::string path_;
};

TEST_F(DataDirectoryTest, KeepsFilesToTheOwner) {
  const auto directory = DataDirectory::Open(path_);
  ASSERT_TRUE(directory.ok()) << directory.status();
  ASSERT_TRUE(directory->Write("key", "secret").ok());
  ASSERT_TRUE(directory->Write("key", "another").ok());
  EXPECT_EQ(ModeOf(path_), 0700u);
  EXPECT_EQ(ModeOf(path_ + "/key"), 0600u);
  const auto read = directory->Read("key");
  ASSERT_TRUE(read.ok() && read->has_value());
  EXPECT_EQ((*read)->view(), "another");
  EXPECT_FALSE(std::filesystem::exists(path_ + "/key.new"));
  EXPECT_FALSE(directory->Read("none")->has_value());
}

TEST_F(DataDirectoryTest, IsHeldByOneController) {
  auto first = DataDirectory::Open(path_);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = DataDirectory::Open(path_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another firebreak-controller"));
  { const DataDirectory gone = *std::move(first); }
  EXPECT_TRUE(DataDirectory::Open(path_).ok());
}

TEST_F(DataDirectoryTest, TakesAnEmptyDirectoryAsItsOwn) {
  mkdir(path_.c_str(), 0777);
  chmod(path_.c_str(), 0777);
  ASSERT_TRUE(DataDirectory::Open(path_).ok());
  EXPECT_EQ(ModeOf(path_), 0700u);
}

TEST_F(DataDirectoryTest, DoesNotTakeOverAnOpenDirectoryOfOtherThings) {
  mkdir(path_.c_str(), 0777);
  chmod(path_.c_str(), 0777);
  std::ofstream(path_ + "/notes") << "mine";
  EXPECT_FALSE(DataDirectory::Open(path_).ok());
  EXPECT_EQ(ModeOf(path_), 0777u);
}

TEST_F(DataDirectoryTest, FollowsNoLinkToAnotherFile) {
  const auto directory = DataDirectory::Open(path_);
  ASSERT_TRUE(directory.ok());
  std::ofstream(parent_ + "/victim") << "kept";
  std::filesystem::create_symlink(parent_ + "/victim", path_ + "/key.new");
  EXPECT_TRUE(directory->Write("key", "secret").ok());
  std::string victim;
  std::ifstream(parent_ + "/victim") >> victim;
  EXPECT_EQ(victim, "kept");
}

}  // namespace
}  // namespace firebreak::controller
