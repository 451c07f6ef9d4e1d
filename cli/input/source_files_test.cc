// SPDX-License-Identifier: Apache-2.0
#include "cli/input/source_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;

class SourceFilesTest : public testing::Test {
 protected:
  SourceFilesTest()
      : dir_(testing::TempDir() + "/source_files_" + std::to_string(getpid()) + "_" +
             testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(dir_);
  }
  ~SourceFilesTest() override { std::filesystem::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = dir_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  const std::string dir_;
};

TEST_F(SourceFilesTest, FilesInTheOrderGiven) {
  const std::string b = Write("b.txt", "kind: Group\n");
  const std::string a = Write("a.yaml", "");
  const auto request = ReadSourceFiles({b, a});
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->files_size(), 2);
  EXPECT_EQ(request->files(0).name(), b);
  EXPECT_EQ(request->files(0).text(), "kind: Group\n");
  EXPECT_EQ(request->files(1).text(), "");
}

TEST_F(SourceFilesTest, ADirectoryIsItsSortedResources) {
  Write("2.yml", "2");
  Write("1.yaml", "1");
  Write("3.json", "3");
  Write("notes.md", "no");
  std::filesystem::create_directories(dir_ + "/sub.yaml");
  const auto request = ReadSourceFiles({dir_});
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->files_size(), 3);
  EXPECT_EQ(request->files(0).text(), "1");
  EXPECT_EQ(request->files(1).text(), "2");
  EXPECT_EQ(request->files(2).text(), "3");
}

TEST_F(SourceFilesTest, EditorsLocksAndCopiesAreNoResources) {
  Write("web.yaml", "1");
  Write(".web.yaml", "no");
  Write("web.yaml~", "no");
  Write("#web.yaml#", "no");
  Write(".web.yaml.swp", "no");
  // Emacs locks a file by a symbolic link that leads nowhere.
  std::filesystem::create_symlink("somebody@host.1", dir_ + "/.#web.yaml");
  std::vector<std::string> left_out;
  const auto request = ReadSourceFiles({dir_}, /*recursive=*/true, &left_out);
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->files_size(), 1);
  EXPECT_EQ(request->files(0).text(), "1");
  EXPECT_THAT(left_out,
              testing::UnorderedElementsAre(dir_ + "/.web.yaml: its name begins with a dot",
                                            dir_ + "/web.yaml~: not *.yaml, *.yml or *.json",
                                            dir_ + "/#web.yaml#: not *.yaml, *.yml or *.json",
                                            dir_ + "/.web.yaml.swp: its name begins with a dot",
                                            dir_ + "/.#web.yaml: its name begins with a dot"));
}

TEST_F(SourceFilesTest, DirectoriesInADirectoryAreReadIfAskedFor) {
  std::filesystem::create_directories(dir_ + "/a/b");
  std::filesystem::create_directories(dir_ + "/.git");
  Write("1.yaml", "1");
  Write("a/2.yaml", "2");
  Write("a/b/3.json", "3");
  Write(".git/4.yaml", "no");
  std::filesystem::create_directory_symlink(dir_, dir_ + "/a/loop");
  auto request = ReadSourceFiles({dir_}, /*recursive=*/true);
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->files_size(), 3);
  EXPECT_EQ(request->files(2).text(), "3");
  std::vector<std::string> left_out;
  request = ReadSourceFiles({dir_}, /*recursive=*/false, &left_out);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->files_size(), 1);
  EXPECT_THAT(left_out, testing::Contains(dir_ + "/a: a directory; -R goes into it"));
}

TEST_F(SourceFilesTest, AnEmptyDirectoryIsSaidToBe) {
  const auto request = ReadSourceFiles({dir_});
  EXPECT_EQ(request.status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SourceFilesTest, AMissingFileIsNamed) {
  const auto request = ReadSourceFiles({dir_ + "/absent.yaml"});
  EXPECT_EQ(request.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(request.status().message()), HasSubstr("absent.yaml"));
}

TEST_F(SourceFilesTest, AHugeFileIsRefusedUnread) {
  const std::string path = Write("huge.yaml", "");
  // The file is sparse: reading it would take 4 TiB of memory.
  ASSERT_EQ(truncate(path.c_str(), off_t{4} << 40), 0);
  const auto request = ReadSourceFiles({path});
  EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(request.status().message()), HasSubstr("at most 8 MiB"));
}

TEST_F(SourceFilesTest, TheLimitsAreExact) {
  const std::string most = Write("most.yaml", std::string(kMaxFileBytes, '#'));
  EXPECT_TRUE(ReadSourceFiles({most}).ok());
  EXPECT_EQ(ReadSourceFiles({most, most}).status().code(), absl::StatusCode::kInvalidArgument);
  const std::string more = Write("more.yaml", std::string(kMaxFileBytes + 1, '#'));
  EXPECT_EQ(ReadSourceFiles({more}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SourceFilesTest, AnEndlessPipeIsCutOff) {
  const auto request = ReadSourceFiles({"/dev/zero"});
  EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SourceFilesTest, BytesThatAreNotTextAreRefusedWithTheirLine) {
  const std::string path = Write("latin1.yaml", "kind: Group\nname: caf\xe9\n");
  const auto request = ReadSourceFiles({path});
  EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(request.status().message(), path + ":2: not UTF-8 text");
}

TEST_F(SourceFilesTest, StandardInputOnce) {
  EXPECT_EQ(ReadSourceFiles({"-", "-"}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace firebreak::cli
