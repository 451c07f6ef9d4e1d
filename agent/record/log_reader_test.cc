// SPDX-License-Identifier: Apache-2.0
#include "agent/record/log_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "agent/record/log_file.h"
#include "proto/log/w3c.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;

// The numbers of records; each record carries its number as its port.
using Ports = std::vector<uint16_t>;

class LogReaderTest : public testing::Test {
 protected:
  LogReaderTest() {
    char name[] = "/tmp/log-reader-test-XXXXXX";
    directory_ = mkdtemp(name);
    path_ = directory_ + "/pfirewall.log";
    file_ = std::make_unique<LogFile>(path_, 1000, std::vector<std::string>{directory_});
  }
  ~LogReaderTest() override { std::filesystem::remove_all(directory_); }

  static std::string Line(uint16_t port) {
    InternedStrings texts;
    Record record;
    record.time_micros = 1'795'262'400'000'000 + int64_t{port} * 1'000'000;
    record.family = 4;
    record.has = Record::kPorts;
    record.destination_port = port;
    record.action = port % 2 == 0 ? Action::kDrop : Action::kOpen;
    std::string line;
    W3cWriter().Append(record, texts, line);
    return line;
  }

  void Write(uint16_t from, uint16_t to) {
    for (uint16_t port = from; port <= to; ++port) {
      ASSERT_TRUE(file_->Append(Line(port)).ok());
    }
  }

  LogReader Open() {
    auto reader = LogReader::Open(path_);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }

  static Ports ReadAll(LogReader& reader, const LogQuery& query = {}) {
    Ports ports;
    for (bool more = true; more;) {
      const auto read = reader.Read(query, [&](const Record& record, const InternedStrings&) {
        ports.push_back(record.destination_port);
      });
      EXPECT_TRUE(read.ok()) << read.status();
      more = read.ok() && *read;
    }
    return ports;
  }

  bool RolledOver() const { return std::filesystem::exists(path_ + ".old"); }

  std::string directory_;
  std::string path_;
  std::unique_ptr<LogFile> file_;
};

TEST_F(LogReaderTest, ReadsTheOldFileAndThenTheNewOne) {
  Write(1, 12);
  ASSERT_TRUE(RolledOver());
  LogReader reader = Open();
  const Ports all = ReadAll(reader);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.back(), 12);
  for (size_t i = 1; i < all.size(); ++i) EXPECT_EQ(all[i], all[i - 1] + 1);
  EXPECT_GT(all.size(), 6);  // more than one Read examines
}

TEST_F(LogReaderTest, TheLastThatMatch) {
  Write(1, 12);
  LogReader reader = Open();
  ASSERT_TRUE(reader.SeekLast({}, 3).ok());
  EXPECT_THAT(ReadAll(reader), ElementsAre(10, 11, 12));
  LogQuery dropped;
  dropped.actions = ActionBit(Action::kDrop);
  LogReader drops = Open();
  ASSERT_TRUE(drops.SeekLast(dropped, 4).ok());
  EXPECT_THAT(ReadAll(drops, dropped), ElementsAre(6, 8, 10, 12));
  LogReader all = Open();
  LogReader many = Open();
  ASSERT_TRUE(many.SeekLast({}, 1000).ok());
  EXPECT_EQ(ReadAll(many), ReadAll(all));
}

TEST_F(LogReaderTest, FollowsThroughARollingOver) {
  Write(1, 2);
  LogReader reader = Open();
  ASSERT_TRUE(reader.SeekEnd().ok());
  EXPECT_THAT(ReadAll(reader), ElementsAre());
  uint16_t port = 3;
  for (; !RolledOver(); ++port) Write(port, port);
  Ports expected;
  for (uint16_t one = 3; one < port; ++one) expected.push_back(one);
  EXPECT_EQ(ReadAll(reader), expected);
  Write(100, 100);
  EXPECT_THAT(ReadAll(reader), ElementsAre(100));
}

TEST_F(LogReaderTest, WhatWasRolledOverTwiceIsNotPassedOverInSilence) {
  Write(1, 1);
  LogReader reader = Open();
  ASSERT_TRUE(reader.SeekEnd().ok());
  Write(2, 40);
  absl::Status status;
  for (bool more = true; more;) {
    const auto read = reader.Read({}, [](const Record&, const InternedStrings&) {});
    status = read.status();
    more = read.ok() && *read;
  }
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST_F(LogReaderTest, GoesOnWhereItEnded) {
  Write(1, 3);
  LogReader::Position position;
  {
    LogReader reader = Open();
    ReadAll(reader);
    const auto printed = ParsePosition(PrintPosition(reader.position()));
    ASSERT_TRUE(printed.has_value());
    position = *printed;
  }
  uint16_t port = 4;
  for (; !RolledOver(); ++port) Write(port, port);
  LogReader reader = Open();
  ASSERT_TRUE(reader.Seek(position).ok());
  EXPECT_EQ(ReadAll(reader).front(), 4);
  Write(50, 90);
  LogReader late = Open();
  EXPECT_TRUE(absl::IsNotFound(late.Seek(position)));
  for (const char* text : {"", "1", "1.", "1.2.3", "x.1"})
    EXPECT_FALSE(ParsePosition(text)) << text;
}

TEST_F(LogReaderTest, HalfALineWaitsForItsOtherHalf) {
  Write(1, 1);
  LogReader reader = Open();
  const std::string line = Line(2);
  std::ofstream(path_, std::ios::app) << line.substr(0, 10);
  EXPECT_THAT(ReadAll(reader), ElementsAre(1));
  std::ofstream(path_, std::ios::app) << line.substr(10) << "rubbish\n" << Line(3);
  EXPECT_THAT(ReadAll(reader), ElementsAre(2, 3));
}

TEST_F(LogReaderTest, WhatIsNoTextIsPassedOver) {
  Write(1, 1);
  std::ofstream(path_, std::ios::app) << std::string(3 * LogReader::kReadBytes, 'x') << "\n"
                                      << Line(2);
  LogReader reader = Open();
  EXPECT_THAT(ReadAll(reader), ElementsAre(1, 2));
  LogReader last = Open();
  ASSERT_TRUE(last.SeekLast({}, 2).ok());
  EXPECT_THAT(ReadAll(last), ElementsAre(1, 2));
}

TEST_F(LogReaderTest, AFileThatWasCutIsReadFromThereOn) {
  Write(1, 3);
  LogReader reader = Open();
  EXPECT_EQ(ReadAll(reader).size(), 3);
  std::filesystem::resize_file(path_, 0);
  EXPECT_THAT(ReadAll(reader), ElementsAre());
  Write(4, 4);
  EXPECT_THAT(ReadAll(reader), ElementsAre(4));
}

TEST_F(LogReaderTest, WhatIsNotThereOrNotOursIsNotRead) {
  EXPECT_TRUE(absl::IsNotFound(LogReader::Open(path_).status()));
  std::filesystem::create_directory(path_);
  EXPECT_TRUE(absl::IsFailedPrecondition(LogReader::Open(path_).status()));
  std::filesystem::remove(path_);
  std::filesystem::create_symlink("/etc/passwd", path_);
  EXPECT_FALSE(LogReader::Open(path_).ok());
}

}  // namespace
}  // namespace firebreak::agent
