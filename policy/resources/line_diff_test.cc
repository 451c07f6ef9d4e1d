// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/line_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace firebreak::policy {
namespace {

TEST(LineDiff, MarksWhatDiffers) {
  EXPECT_EQ(LineDiff("a\nb\nc\n", "a\nx\nc\n"), " a\n-b\n+x\n c\n");
  EXPECT_EQ(LineDiff("", "a\nb\n"), "+a\n+b\n");
  EXPECT_EQ(LineDiff("a\n", ""), "-a\n");
  EXPECT_EQ(LineDiff("a\n", "a\n"), " a\n");
  EXPECT_EQ(LineDiff("", ""), "");
  EXPECT_EQ(LineDiff("a\n\nb\n", "a\nb\n"), " a\n-\n b\n");
}

std::string Side(const std::string& diff, char other) {
  std::string text;
  for (absl::string_view line : absl::StrSplit(diff, '\n')) {
    if (!line.empty() && line[0] != other) absl::StrAppend(&text, line.substr(1), "\n");
  }
  return text;
}

// Returns the length of the longest common subsequence, by the slow and obvious algorithm.
size_t CommonLines(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::vector<size_t>> table(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                         : std::max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.size()][b.size()];
}

TEST(LineDiff, HoldsBothTextsAndIsShortest) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> lines[2];
    std::string text[2];
    for (int side = 0; side < 2; ++side) {
      for (size_t n = random() % 12; n > 0; --n) {
        lines[side].push_back(std::string(1, static_cast<char>('a' + random() % 4)));
        absl::StrAppend(&text[side], lines[side].back(), "\n");
      }
    }
    const std::string diff = LineDiff(text[0], text[1]);
    ASSERT_EQ(Side(diff, '+'), text[0]) << diff;
    ASSERT_EQ(Side(diff, '-'), text[1]) << diff;
    size_t kept = 0;
    for (absl::string_view line : absl::StrSplit(diff, '\n')) {
      if (!line.empty() && line[0] == ' ') ++kept;
    }
    ASSERT_EQ(kept, CommonLines(lines[0], lines[1])) << diff;
  }
}

TEST(LineDiff, OfVeryDifferentTextsIsStillWhole) {
  std::string before, after;
  for (int i = 0; i < 20'000; ++i) {
    absl::StrAppend(&before, "b", i, "\n");
    absl::StrAppend(&after, "a", i, "\n");
  }
  const std::string diff = LineDiff(before, after);
  EXPECT_EQ(Side(diff, '+'), before);
  EXPECT_EQ(Side(diff, '-'), after);
}

}  // namespace
}  // namespace firebreak::policy
