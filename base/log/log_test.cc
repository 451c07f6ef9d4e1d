// SPDX-License-Identifier: Apache-2.0
#include "base/log/log.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

constexpr absl::Time kNoon = absl::FromUnixMillis(1700000000123);

TEST(Log, SaysWhenHowBadAndWhat) {
  EXPECT_EQ(FormatLogLine(Severity::kWarning, "the disk is full", kNoon),
            "2023-11-14T22:13:20.123Z warning the disk is full\n");
}

TEST(Log, LetsNoMessageForgeALineOrMoveTheCursor) {
  EXPECT_EQ(FormatLogLine(Severity::kError, "a\nb\x1b[2Jc", kNoon),
            "2023-11-14T22:13:20.123Z error a\\nb\\x1b[2Jc\n");
  // U+009B starts a control sequence, like ESC [; U+202E reverses the text behind it.
  EXPECT_EQ(FormatLogLine(Severity::kError,
                          "a\xc2\x9b"
                          "2J \xe2\x80\xae"
                          "b",
                          kNoon),
            "2023-11-14T22:13:20.123Z error a\\x9b2J \\u{202e}b\n");
  EXPECT_EQ(FormatLogLine(Severity::kInfo, "eth\xff", kNoon),
            "2023-11-14T22:13:20.123Z info eth\\xff\n");
}

}  // namespace
}  // namespace firebreak
