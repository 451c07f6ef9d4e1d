// SPDX-License-Identifier: Apache-2.0
#include "agent/record/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string.h>
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

using testing::ElementsAre;
using testing::HasSubstr;

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    char name[] = "/tmp/log-file-test-XXXXXX";
    directory_ = mkdtemp(name);
    path_ = directory_ + "/log/pfirewall.log";
  }
  ~LogFileTest() override { std::filesystem::remove_all(directory_); }

  static std::string Text(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  static std::vector<std::string> Lines(const std::string& path) {
    const std::string text = Text(path);
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      if (line[0] != '#') lines.emplace_back(line);
    }
    return lines;
  }

  std::vector<std::string> Allowed() const { return {directory_ + "/log"}; }
  LogFile Log(uint64_t max_bytes) const { return LogFile(path_, max_bytes, Allowed()); }

  std::string directory_;
  std::string path_;
};

TEST_F(LogFileTest, BeginsWithTheHeaderAndGoesOnBehindWhatIsThere) {
  { ASSERT_TRUE(Log(1 << 20).Append("one\n").ok()); }
  { ASSERT_TRUE(Log(1 << 20).Append("two\n").ok()); }
  EXPECT_EQ(Text(path_), absl::StrCat(W3cHeader(), "one\ntwo\n"));
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            static_cast<std::filesystem::perms>(0640));
}

TEST_F(LogFileTest, RollsOverWithoutLosingALine) {
  LogFile file(path_, 2000, Allowed());
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
    ASSERT_TRUE(file.Append(lines).ok());
    if (std::filesystem::exists(path_ + ".old")) collect(path_ + ".old");
    collect(path_);
    ASSERT_LE(std::filesystem::file_size(path_), 2000u);
  }
  ASSERT_EQ(seen.size(), static_cast<size_t>(next));
  for (int i = 0; i < next; ++i)
    EXPECT_EQ(seen[static_cast<size_t>(i)], absl::StrCat("line ", 10000 + i));
}

TEST_F(LogFileTest, ATornLineIsTakenAway) {
  { ASSERT_TRUE(Log(1 << 20).Append("one\n").ok()); }
  std::ofstream(path_, std::ios::app) << "half a li";
  { ASSERT_TRUE(Log(1 << 20).Append("two\n").ok()); }
  EXPECT_EQ(Lines(path_), (std::vector<std::string>{"one", "two"}));
}

TEST_F(LogFileTest, FollowsNoLinkAndWritesToNobodyElsesFile) {
  std::filesystem::create_directory(directory_ + "/log");
  std::ofstream(directory_ + "/target") << "precious\n";
  std::filesystem::create_symlink(directory_ + "/target", path_);
  LogFile file(path_, 1 << 20, Allowed());
  EXPECT_FALSE(file.Append("one\n").ok());
  std::filesystem::remove(path_);
  std::filesystem::create_hard_link(directory_ + "/target", path_);
  EXPECT_FALSE(file.Append("two\n").ok());
  EXPECT_EQ(Lines(directory_ + "/target"), std::vector<std::string>{"precious"});
  std::filesystem::remove(path_);
  ASSERT_TRUE(file.Append("three\n").ok());
  const auto lines = Lines(path_);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(absl::StrContains(lines[0], " INFO-EVENTS-LOST - - - - - - - - - - - - 2 "))
      << lines[0];
  EXPECT_EQ(lines[1], "three");
}

TEST_F(LogFileTest, AFileThatIsNoLogOfOursIsNotTouched) {
  std::filesystem::create_directory(directory_ + "/log");
  std::ofstream(path_) << "[Unit]\nDescription=precious\n";
  LogFile file(path_, W3cHeader().size() + 5, Allowed());
  const absl::Status refused = file.Append("one\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr(path_));
  EXPECT_EQ(Text(path_), "[Unit]\nDescription=precious\n");
  // A file at FILE.old that is not a log of ours is not replaced at a roll-over either.
  std::filesystem::rename(path_, path_ + ".old");
  ASSERT_TRUE(file.Append("one\n").ok() || file.lost() > 0);
  for (int i = 0; i < 10; ++i) static_cast<void>(file.Append("line\n").ok());
  EXPECT_EQ(Text(path_ + ".old"), "[Unit]\nDescription=precious\n");
}

TEST_F(LogFileTest, OnlyBelowADirectoryThatWasNamed) {
  for (const char* name : {"/log", "/logs", "/log/deeper", "/elsewhere"}) {
    std::filesystem::create_directory(directory_ + name);
  }
  std::filesystem::create_directory_symlink(directory_ + "/elsewhere", directory_ + "/log/link");
  for (const auto& [name, allowed] :
       {std::pair("/log/a.log", true), std::pair("/log/deeper/a.log", true),
        std::pair("/logs/a.log", false), std::pair("/a.log", false),
        std::pair("/log/../elsewhere/a.log", false), std::pair("/log/link/a.log", false)}) {
    const absl::Status status = LogFile(directory_ + name, 1 << 20, Allowed()).Append("one\n");
    EXPECT_EQ(status.ok(), allowed) << name << ": " << status;
    EXPECT_EQ(std::filesystem::exists(directory_ + name), allowed) << name;
  }
  const absl::Status missing = LogFile(directory_ + "/log/no/a.log", 1, Allowed()).Append("one\n");
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
}

TEST_F(LogFileTest, BeginsAnewIfOthersDeleteItOrMoveItAway) {
  LogFile file(path_, 1 << 20, Allowed());
  ASSERT_TRUE(file.Append("one\n").ok());
  std::filesystem::remove(path_);
  ASSERT_TRUE(file.Append("two\n").ok());
  EXPECT_EQ(Text(path_), absl::StrCat(W3cHeader(), "two\n"));
  std::filesystem::rename(path_, path_ + ".1");
  ASSERT_TRUE(file.Append("three\n").ok());
  EXPECT_EQ(Text(path_), absl::StrCat(W3cHeader(), "three\n"));
  EXPECT_EQ(Lines(path_ + ".1"), std::vector<std::string>{"two"});
  // When another log of ours is put in the file's place, lines are appended to that one.
  std::filesystem::rename(path_ + ".1", path_);
  ASSERT_TRUE(file.Append("four\n").ok());
  EXPECT_EQ(Lines(path_), (std::vector<std::string>{"two", "four"}));
  std::filesystem::remove_all(directory_ + "/log");
  ASSERT_TRUE(file.Append("five\n").ok());
  EXPECT_EQ(Lines(path_), std::vector<std::string>{"five"});
  EXPECT_EQ(file.lost(), 0u);
}

TEST_F(LogFileTest, BeginsAnewIfOthersCutIt) {
  LogFile file(path_, 1 << 20, Allowed());
  ASSERT_TRUE(file.Append("one\n").ok());
  std::filesystem::resize_file(path_, 0);
  ASSERT_TRUE(file.Append("two\n").ok());
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 2);
  ASSERT_TRUE(file.Append("three\n").ok());
  EXPECT_EQ(Text(path_), absl::StrCat(W3cHeader(), "three\n"));
  EXPECT_EQ(file.lost(), 0u);
}

TEST_F(LogFileTest, FollowsNoLinkThatIsPutInItsPlace) {
  LogFile file(path_, 1 << 20, Allowed());
  ASSERT_TRUE(file.Append("one\n").ok());
  std::filesystem::rename(path_, directory_ + "/moved");
  std::filesystem::create_symlink(directory_ + "/moved", path_);
  EXPECT_FALSE(file.Append("two\n").ok());
  EXPECT_EQ(file.lost(), 1u);
  EXPECT_EQ(Lines(directory_ + "/moved"), std::vector<std::string>{"one"});
}

TEST_F(LogFileTest, CountsAsLostWhatIsNotWrittenAndNothingElse) {
  const uint64_t room = W3cHeader().size() + 3 * strlen("line 100\n");
  LogFile file(path_, room, Allowed());
  ASSERT_TRUE(file.Append("line 100\n").ok());
  std::filesystem::create_directories(path_ + ".old/in-the-way");
  EXPECT_FALSE(file.Append("line 101\nline 102\nline 103\nline 104\n").ok());
  EXPECT_EQ(Lines(path_), (std::vector<std::string>{"line 100", "line 101", "line 102"}));
  EXPECT_EQ(file.lost(), 2u);
  EXPECT_FALSE(file.Append("line 105\n").ok());
  EXPECT_EQ(file.lost(), 3u);
  std::filesystem::remove_all(path_ + ".old");
  ASSERT_TRUE(file.Append("line 106\n").ok());
  EXPECT_EQ(file.lost(), 3u);
  std::vector<std::string> lines = Lines(path_ + ".old");
  for (const std::string& line : Lines(path_)) lines.push_back(line);
  EXPECT_THAT(lines,
              ElementsAre(HasSubstr(" INFO-EVENTS-LOST - - - - - - - - - - - - 3 "), "line 106"));
}

}  // namespace
}  // namespace firebreak::agent
