// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/window_scale.h"

#include <gtest/gtest.h>

namespace firebreak::agent {
namespace {

TEST(WindowScale, IsTheKernelsOwn) {
  EXPECT_EQ(WindowScaleFor("4096\t131072\t6291456", "212992"), 7) << "Linux until 6.16";
  EXPECT_EQ(WindowScaleFor("4096\t131072\t33554432", "4194304\n"), 10) << "Linux from 6.17 on";
  EXPECT_EQ(WindowScaleFor("4096 87380 174760", "212992"), 2) << "the larger of the two";
  EXPECT_EQ(WindowScaleFor("4096 87380 174760", ""), 2) << "a namespace without rmem_max";
  EXPECT_EQ(WindowScaleFor("4096 16384 65535", ""), 0);
  EXPECT_EQ(WindowScaleFor("4096 16384 65536", ""), 1);
  EXPECT_EQ(WindowScaleFor("4096 16384 4096", ""), 0);
  EXPECT_EQ(WindowScaleFor("4096 16384 2147483647", ""), 14) << "the most that there is";
}

TEST(WindowScale, IsNotGuessedFromOtherText) {
  for (const char* text : {"", "4096", "4096 131072", "1 2 3 4", "1 2 many", "1 2 -3"}) {
    EXPECT_EQ(WindowScaleFor(text, "212992"), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace firebreak::agent
