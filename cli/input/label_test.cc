// SPDX-License-Identifier: Apache-2.0
#include "cli/input/label.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

TEST(ParseLabels, SplitsAtTheFirstEqualsSign) {
  EXPECT_THAT(*ParseLabels({"role=web", "note=a=b", "empty="}),
              UnorderedElementsAre(Pair("role", "web"), Pair("note", "a=b"), Pair("empty", "")));
}

TEST(ParseLabels, RefusesOthers) {
  EXPECT_FALSE(ParseLabels({"role"}).ok());
  EXPECT_FALSE(ParseLabels({"=web"}).ok());
  EXPECT_EQ(ParseLabels({"a=1", "a=2"}).status().message(), "label 'a' is given twice");
}

}  // namespace
}  // namespace firebreak::cli
