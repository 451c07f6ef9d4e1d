// SPDX-License-Identifier: Apache-2.0
#include "base/text/utf8.h"

#include "gtest/gtest.h"

namespace firebreak {
namespace {

TEST(Utf8, DecodesOneToFourBytes) {
  EXPECT_EQ(DecodeFirst("a").value, 0x61u);
  EXPECT_EQ(DecodeFirst("é").value, 0xe9u);
  EXPECT_EQ(DecodeFirst("€x").value, 0x20acu);
  EXPECT_EQ(DecodeFirst("\xf0\x9f\x94\xa5").value, 0x1f525u);
  EXPECT_EQ(DecodeFirst("\xf0\x9f\x94\xa5").bytes, 4u);
  EXPECT_EQ(DecodeFirst("").bytes, 0u);
}

TEST(Utf8, FindsWhatIsNot) {
  EXPECT_EQ(FindInvalidUtf8("plain and é"), absl::string_view::npos);
  EXPECT_EQ(FindInvalidUtf8("ab\xff"), 2u);
  EXPECT_EQ(FindInvalidUtf8("a\xc3"), 1u) << "cut off";
  EXPECT_EQ(FindInvalidUtf8("\xc0\xaf"), 0u) << "overlong slash";
  EXPECT_EQ(FindInvalidUtf8("\xe0\x80\xaf"), 0u) << "overlong slash";
  EXPECT_EQ(FindInvalidUtf8("\xed\xa0\x80"), 0u) << "surrogate";
  EXPECT_EQ(FindInvalidUtf8("\xf4\x90\x80\x80"), 0u) << "above U+10FFFF";
  EXPECT_EQ(FindInvalidUtf8("\x80"), 0u) << "lone continuation";
}

TEST(Utf8, MakesTextOfAnyBytes) {
  EXPECT_EQ(ToUtf8(""), "");
  EXPECT_EQ(ToUtf8("eth0 é"), "eth0 é");
  EXPECT_EQ(ToUtf8("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(ToUtf8("\xff\xfe"
                   "a\xc3"),
            "\\xff\\xfe"
            "a\\xc3");
  EXPECT_EQ(FindInvalidUtf8(ToUtf8("\xed\xa0\x80|\xf4\x90\x80\x80")), absl::string_view::npos);
}

}  // namespace
}  // namespace firebreak
