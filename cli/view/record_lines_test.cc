// SPDX-License-Identifier: Apache-2.0
#include "cli/view/record_lines.h"

#include <gtest/gtest.h>

#include <random>

#include "cli/view/log_lines.h"
#include "google/protobuf/util/json_util.h"
#include "proto/log/log_record.h"

namespace firebreak::cli {
namespace {

Record RandomRecord(std::mt19937& random, const std::vector<uint16_t>& texts) {
  const auto text = [&] { return texts[random() % texts.size()]; };
  Record record;
  record.time_micros = 1'795'262'400'000'000 + static_cast<int64_t>(random() % 5) * 1'000'000;
  if (random() % 3 > 0) record.time_micros += random() % 1000 * 1000;
  if (random() % 3 > 0) record.time_micros += random() % 1000;
  record.action = static_cast<Action>(1 + random() % 5);
  const uint8_t families[] = {0, 4, 6};
  record.family = families[random() % 3];
  if (record.family != 0) {
    const uint8_t protocols[] = {1, 6, 17, 47, 58};
    record.protocol = protocols[random() % 5];
    record.has = static_cast<uint8_t>(random() % 16);
  }
  record.source.low = random();
  record.destination.low = random();
  if (record.family == 6) {
    record.source.high = uint64_t{random()} << 32;
    record.destination.low = 1;
  }
  record.size = uint64_t{random()} << random() % 32;
  record.lost = uint64_t{random()} << random() % 32;
  record.tcp_sequence = random();
  record.tcp_acknowledgement = random();
  record.tcp_window = static_cast<uint16_t>(random());
  record.source_port = static_cast<uint16_t>(random());
  record.destination_port = static_cast<uint16_t>(random());
  record.tcp_flags = static_cast<uint8_t>(random());
  record.icmp_type = static_cast<uint8_t>(random());
  record.icmp_code = static_cast<uint8_t>(random());
  record.interface = text();
  record.location = text();
  record.policy = text();
  record.mapping = text();
  record.reason = text();
  return record;
}

TEST(RecordLines, AreThoseOfTheMessage) {
  std::mt19937 random(20);
  InternedStrings texts;
  const std::vector<uint16_t> numbers = {0, texts.Intern("eth0"), texts.Intern("a,b"),
                                         texts.Intern("say \"<x>\" & \\ / 'y'"),
                                         texts.Intern("web.corp-1")};
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  RecordLines lines;
  for (int i = 0; i < 5000; ++i) {
    const Record record = RandomRecord(random, numbers);
    const uint64_t sequence = random() % 2 * random();
    v1::LogRecord message = ToLogRecord(record, texts);
    message.set_host("web-1");
    message.set_sequence(sequence);
    std::string csv;
    lines.AppendCsv("web-1", sequence, record, texts, csv);
    EXPECT_EQ(csv, CsvLine(message));
    std::string json;
    std::string of_message;
    lines.AppendJson("web-1", sequence, record, texts, json);
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &of_message, options).ok());
    EXPECT_EQ(json, of_message);
  }
}

}  // namespace
}  // namespace firebreak::cli
