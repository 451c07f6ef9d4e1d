// SPDX-License-Identifier: Apache-2.0
#include "cli/view/log_lines.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace firebreak::cli {
namespace {

TEST(LogLine, SaysWhatWasDroppedAndWhy) {
  v1::LogRecord record;
  record.mutable_time()->set_seconds(1'795'262'400);
  record.mutable_time()->set_nanos(250'000'000);
  record.set_host("web-1");
  record.set_action("DROP");
  record.set_protocol("TCP");
  record.set_source("2001:db8::1");
  record.set_destination("2001:db8::2");
  record.set_source_port(40000);
  record.set_destination_port(22);
  record.set_tcp_flags("S");
  record.set_interface("eth0");
  record.set_reason("blocked");
  record.set_policy("web");
  record.set_mapping("no-ssh");
  EXPECT_EQ(LogLine(record, absl::UTCTimeZone(), false),
            "2026-11-21 12:00:00.250 web-1        DROP             TCP    [2001:db8::1]:40000    "
            "[2001:db8::2]:22       eth0       blocked S web/no-ssh\n");
  EXPECT_EQ(LogHeading(absl::UTCTimeZone(), false).substr(0, 40),
            "TIME (UTC)              HOST         ACT");
}

TEST(LogLine, NothingReachesTheTerminalAsItIs) {
  v1::LogRecord record;
  record.set_host("a\nb");
  record.set_interface("\x1b[2J");
  const std::string line = LogLine(record, absl::UTCTimeZone(), false);
  EXPECT_TRUE(absl::StrContains(line, "a\\nb"));
  EXPECT_TRUE(absl::StrContains(line, "\\x1b[2J"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace firebreak::cli
