// SPDX-License-Identifier: Apache-2.0
#include "base/text/escape.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(Escape, LeavesReadableTextAlone) {
  EXPECT_EQ(Escape("web-1 é € \\ 'quoted'"), "web-1 é € \\ 'quoted'");
}

TEST(Escape, TerminalSequencesLoseTheirForce) {
  EXPECT_EQ(Escape("\x1b[2J\x1b]0;owned\x07"), "\\x1b[2J\\x1b]0;owned\\x07");
  EXPECT_EQ(Escape("a\rb\bc\x7f"), "a\\x0db\\x08c\\x7f");
  EXPECT_EQ(Escape("\xc2\x9b"
                   "31m"),
            "\\x9b31m")
      << "the one-character CSI";
  EXPECT_EQ(Escape(absl::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Escape, DirectionCannotBeReversed) {
  EXPECT_EQ(Escape("a\u202Eb\u2066c\u2028d"), "a\\u{202e}b\\u{2066}c\\u{2028}d");
}

TEST(Escape, BytesThatAreNotText) { EXPECT_EQ(Escape("a\xff\xc3"), "a\\xff\\xc3"); }

TEST(Escape, LinesKeepTheirBreaks) {
  EXPECT_EQ(Escape("a\n\tb"), "a\\n\\tb");
  EXPECT_EQ(EscapeLines("a\n\tb\x1b"), "a\n\tb\\x1b");
}

TEST(Width, CountsCharactersNotBytes) {
  EXPECT_EQ(Width("héé€"), 4u);
  EXPECT_EQ(Width(""), 0u);
}

}  // namespace
}  // namespace firebreak
