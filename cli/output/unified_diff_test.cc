// SPDX-License-Identifier: Apache-2.0
#include "cli/output/unified_diff.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(UnifiedDiff, ShowsOnlyTheNeighbourhoodOfAChange) {
  EXPECT_EQ(UnifiedDiff(" 1\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n", false),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, FarChangesAreSeparate) {
  EXPECT_EQ(UnifiedDiff("+a\n 1\n 2\n 3\n 4\n-b\n", false, 1),
            "@@ -1 +1,2 @@\n+a\n 1\n@@ -4,2 +5 @@\n 4\n-b\n");
}

TEST(UnifiedDiff, NearChangesShareAHunk) {
  EXPECT_EQ(UnifiedDiff("+a\n 1\n 2\n-b\n", false, 1), "@@ -1,3 +1,3 @@\n+a\n 1\n 2\n-b\n");
}

TEST(UnifiedDiff, ANewTextHasNoOldLines) {
  EXPECT_EQ(UnifiedDiff("+kind: Group\n+name: web\n", false),
            "@@ -0,0 +1,2 @@\n+kind: Group\n+name: web\n");
}

TEST(UnifiedDiff, NoChange) {
  EXPECT_EQ(UnifiedDiff("", false), "");
  EXPECT_EQ(UnifiedDiff(" a\n b\n", false), "");
}

TEST(UnifiedDiff, ColoursAndEscapes) {
  EXPECT_EQ(UnifiedDiff("+a\x1b[0m\n", true),
            "\033[36m@@ -0,0 +1 @@\033[0m\n\033[32m+a\\x1b[0m\033[0m\n");
}

}  // namespace
}  // namespace firebreak::cli
