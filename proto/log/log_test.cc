// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/checksum/crc32c.h"
#include "proto/log/batch.h"
#include "proto/log/log_record.h"
#include "proto/log/parse_w3c.h"
#include "proto/log/w3c.h"
#include "proto/log/words.h"

namespace firebreak {
namespace {

constexpr int64_t kNoon = 1'795'262'400'000'000;  // 2026-11-21 12:00:00 UTC

Record RandomRecord(std::mt19937_64& random, size_t texts) {
  Record record;
  record.time_micros = kNoon + static_cast<int64_t>(random() % 3'600'000'000);
  record.action = static_cast<Action>(1 + random() % 5);
  record.family = random() % 2 == 0 ? 4 : 6;
  record.source.low = static_cast<uint32_t>(random());
  record.destination.low = static_cast<uint32_t>(random());
  if (record.family == 6) {
    record.source = {random(), random()};
    record.destination = {random(), random()};
  }
  record.protocol = static_cast<uint8_t>(random());
  record.has = static_cast<uint8_t>(random() % 16);
  record.size = random() % 2 == 0 ? random() : random() % 1500;
  record.lost = random() % 1000;
  record.tcp_sequence = static_cast<uint32_t>(random());
  record.source_port = static_cast<uint16_t>(random());
  record.interface = static_cast<uint16_t>(random() % texts);
  record.reason = static_cast<uint16_t>(random() % texts);
  return record;
}

// Converts records to messages, which contain the texts themselves: the numbers of equal texts may
// differ.
std::vector<v1::LogRecord> Messages(std::span<const Record> records, const InternedStrings& texts) {
  std::vector<v1::LogRecord> messages;
  for (const Record& record : records) messages.push_back(ToLogRecord(record, texts));
  return messages;
}

MATCHER(SameMessage, "") {
  return std::get<0>(arg).SerializeAsString() == std::get<1>(arg).SerializeAsString();
}

TEST(Batch, ComesBackAsItWas) {
  std::mt19937_64 random(7);
  InternedStrings texts;
  for (const char* text : {"eth0", "elsewhere", "web-servers", "ssh", "unsolicited"}) {
    texts.Intern(text);
  }
  BatchEncoder encoder;
  BatchDecoder decoder;
  for (const size_t count : {size_t{1}, size_t{2}, size_t{300}, kMaxBatchRecords}) {
    std::vector<Record> records;
    while (records.size() < count) records.push_back(RandomRecord(random, texts.size()));
    const std::string bytes = encoder.Encode(records, texts);
    EXPECT_LE(bytes.size(), kMaxBatchBytes);
    RecordBatch batch;
    ASSERT_TRUE(decoder.Decode(bytes, batch).ok());
    EXPECT_THAT(Messages(batch.records, batch.texts),
                testing::Pointwise(SameMessage(), Messages(records, texts)));
  }
}

TEST(Batch, EveryTruncationAndDamageIsRefusedOrHarmless) {
  std::mt19937_64 random(7);
  InternedStrings texts;
  texts.Intern("eth0");
  std::vector<Record> records;
  while (records.size() < 3) records.push_back(RandomRecord(random, texts.size()));
  const std::string bytes = BatchEncoder().Encode(records, texts);
  BatchDecoder decoder;
  RecordBatch batch;
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decoder.Decode(absl::string_view(bytes).substr(0, length), batch).ok());
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 + random() % 255));
    if (!decoder.Decode(damaged, batch).ok()) continue;
    for (const Record& record : batch.records) ToLogRecord(record, batch.texts);
  }
}

TEST(InternedStrings, NothingThatCouldForgeALineGetsThrough) {
  InternedStrings texts;
  EXPECT_EQ(texts[texts.Intern("e\nDROP\t\x1b[2J \\x")], "e\\x0aDROP\\x09\\x1b[2J\\x20\\x5cx");
  EXPECT_EQ(texts[texts.Intern("\xc3\xa9")], "\\xc3\\xa9");
  EXPECT_LE(texts[texts.Intern(std::string(1000, '\n'))].size(), InternedStrings::kMaxBytes);
  EXPECT_TRUE(texts.Take("\\x0a"));
  for (const char* text : {" ", "a b", "\n", "\x7f", "\xff"}) EXPECT_FALSE(texts.Take(text));
}

TEST(W3c, ALineHasEveryFieldAndIsTheSameFromAMessage) {
  InternedStrings texts;
  Record record;
  record.time_micros = kNoon + 1'500'000;
  record.family = 4;
  record.protocol = 6;
  record.source.low = 0xc0000201;
  record.destination.low = 0x0a000001;
  record.has = Record::kPorts | Record::kTcp | Record::kSize;
  record.source_port = 40000;
  record.destination_port = 22;
  record.size = 60;
  record.tcp_flags = 0x02;
  record.tcp_sequence = 4294967295;
  record.tcp_window = 64240;
  record.interface = texts.Intern("eth0");
  record.location = texts.Intern("elsewhere");
  record.policy = texts.Intern("web servers");
  record.reason = texts.Intern("unsolicited");
  std::string line;
  W3cWriter writer;
  writer.Append(record, texts, line);
  EXPECT_EQ(line,
            "2026-11-21 12:00:01 DROP TCP 192.0.2.1 10.0.0.1 40000 22 60 S 4294967295 0 64240 - - "
            "- eth0 elsewhere web\\x20servers - unsolicited\n");
  EXPECT_EQ(W3cLine(ToLogRecord(record, texts)), line);
  const std::vector<absl::string_view> header = absl::StrSplit(W3cHeader(), '\n');
  const std::vector<absl::string_view> fields = absl::StrSplit(header[3], ' ');
  EXPECT_EQ(fields.size() - 1, static_cast<size_t>(std::count(line.begin(), line.end(), ' ') + 1));
}

TEST(W3c, WhatIsWrittenIsRead) {
  std::mt19937_64 random(8);
  InternedStrings texts;
  texts.Intern("eth0");
  texts.Intern("a b");
  W3cWriter writer;
  for (int i = 0; i < 1000; ++i) {
    const Record record = RandomRecord(random, texts.size());
    std::string line;
    writer.Append(record, texts, line);
    EXPECT_EQ(W3cLine(ToLogRecord(record, texts)), line);
    line.pop_back();
    Record read;
    InternedStrings its;
    ASSERT_TRUE(ParseW3cLine(line, read, its)) << line;
    std::string again;
    writer.Append(read, its, again);
    EXPECT_EQ(again, line + "\n");
  }
}

TEST(W3c, WhatIsNoRecordIsNotRead) {
  const std::string line =
      "2026-11-21 12:00:01 DROP TCP 192.0.2.1 10.0.0.1 40000 22 60 S 1 0 64240 - - - eth0 "
      "elsewhere web - unsolicited";
  Record record;
  InternedStrings texts;
  ASSERT_TRUE(ParseW3cLine(line, record, texts));
  const std::vector<std::string> fields = absl::StrSplit(line, ' ');
  for (const auto& [field, value] : std::vector<std::pair<size_t, const char*>>{
           {0, "2026-02-30"}, {0, "2026-11-1"},   {0, ""},
           {1, "24:00:00"},   {1, "12:00:1"},     {2, "FORGED"},
           {2, "drop"},       {3, "256"},         {3, "tcp"},
           {4, "192.0.2"},    {5, "2001:db8::1"}, {6, "65536"},
           {7, "-"},          {7, "-1"},          {8, "+1"},
           {9, "SX"},         {10, "4294967296"}, {13, "256"},
           {15, "x"},         {16, "e\x1b"},      {20, ""}}) {
    std::vector<std::string> forged = fields;
    forged[field] = value;
    const bool taken = ParseW3cLine(absl::StrJoin(forged, " "), record, texts);
    // An empty location is accepted although it would be written as "-"; a forger gains nothing by
    // it.
    EXPECT_EQ(taken, field == 20) << field << " " << value;
  }
  for (const std::string& other : {std::string(), std::string("#Fields: x"), line + " ",
                                   line + " x", line.substr(0, line.rfind(' '))}) {
    EXPECT_FALSE(ParseW3cLine(other, record, texts)) << other;
  }
}

TEST(Crc32c, IsTheOneOfTheRfc) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(Crc32c("6789", Crc32c("12345")), Crc32c("123456789"));
}

TEST(Words, AddressesAreWrittenAsUsual) {
  char room[kMaxWordBytes];
  LogAddress address;
  uint8_t family;
  ASSERT_TRUE(ToLogAddress({"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16}, address, family));
  EXPECT_EQ(std::string(room, WriteAddress(address, family, room)), "2001:db8::1");
  ASSERT_TRUE(ToLogAddress({"\xff\0\0\x01", 4}, address, family));
  EXPECT_EQ(std::string(room, WriteAddress(address, family, room)), "255.0.0.1");
  EXPECT_FALSE(ToLogAddress("12345", address, family));
}

}  // namespace
}  // namespace firebreak
