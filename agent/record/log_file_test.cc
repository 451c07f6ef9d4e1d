#include "agent/record/log_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "proto/log/w3c.h"

namespace firebreak::agent {
namespace {

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    char name[] = "/tmp/log-file-test-XXXXXX";
    directory_ = mkdtemp(name);
    path_ = directory_ + "/log/pfirewall.log";
  }
  ~LogFileTest() override { std::filesystem::remove_all(directory_); }

  static std::vector<std::string> Lines(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(text.str(), '\n', absl::SkipEmpty())) {
      if (line[0] != '#') lines.emplace_back(line);
    }
    return lines;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(LogFileTest, BeginsWithTheHeaderAndGoesOnBehindWhatIsThere) {
  { ASSERT_TRUE(LogFile(path_, 1 << 20).Append("one\n", 1).ok()); }
  { ASSERT_TRUE(LogFile(path_, 1 << 20).Append("two\n", 1).ok()); }
  std::stringstream text;
  text << std::ifstream(path_).rdbuf();
  EXPECT_EQ(text.str(), absl::StrCat(W3cHeader(), "one\ntwo\n"));
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            static_cast<std::filesystem::perms>(0640));
}

TEST_F(LogFileTest, RollsOverWithoutLosingALine) {
  LogFile file(path_, 2000);
  std::string lines;
  int next = 0;
  std::vector<std::string> seen;
  const auto collect = [&](const std::string& path) {
    for (const std::string& line : Lines(path)) {
      if (seen.empty() || line > seen.back()) seen.push_back(line);
    }
  };
  for (int i = 0; i < 100; ++i) {
    lines.clear();
    for (int k = 0; k < 1 + i % 20; ++k) absl::StrAppend(&lines, "line ", 10000 + next++, "\n");
    ASSERT_TRUE(file.Append(lines, static_cast<size_t>(1 + i % 20)).ok());
    if (std::filesystem::exists(path_ + ".old")) collect(path_ + ".old");
    collect(path_);
    ASSERT_LE(std::filesystem::file_size(path_), 2000u);
  }
  ASSERT_EQ(seen.size(), static_cast<size_t>(next));
  for (int i = 0; i < next; ++i)
    EXPECT_EQ(seen[static_cast<size_t>(i)], absl::StrCat("line ", 10000 + i));
}

TEST_F(LogFileTest, ATornLineIsTakenAway) {
  { ASSERT_TRUE(LogFile(path_, 1 << 20).Append("one\n", 1).ok()); }
  std::ofstream(path_, std::ios::app) << "half a li";
  { ASSERT_TRUE(LogFile(path_, 1 << 20).Append("two\n", 1).ok()); }
  EXPECT_EQ(Lines(path_), (std::vector<std::string>{"one", "two"}));
}

TEST_F(LogFileTest, FollowsNoLinkAndWritesToNobodyElsesFile) {
  std::filesystem::create_directory(directory_ + "/log");
  std::ofstream(directory_ + "/target") << "precious\n";
  std::filesystem::create_symlink(directory_ + "/target", path_);
  LogFile file(path_, 1 << 20);
  EXPECT_FALSE(file.Append("one\n", 1).ok());
  std::filesystem::remove(path_);
  std::filesystem::create_hard_link(directory_ + "/target", path_);
  EXPECT_FALSE(file.Append("two\n", 1).ok());
  EXPECT_EQ(Lines(directory_ + "/target"), std::vector<std::string>{"precious"});
  std::filesystem::remove(path_);
  ASSERT_TRUE(file.Append("three\n", 1).ok());
  const auto lines = Lines(path_);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(absl::StrContains(lines[0], " INFO-EVENTS-LOST - - - - - - - - - - - - 2 "))
      << lines[0];
  EXPECT_EQ(lines[1], "three");
}

}  // namespace
}  // namespace firebreak::agent
