// SPDX-License-Identifier: Apache-2.0
#include "base/frame/frame.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(Frame, ComesBackAsItWent) {
  for (const std::string& message : {std::string(), std::string("x"), std::string(70'000, 'y')}) {
    const std::string bytes = Frame(message) + "next";
    const auto first = FirstInFrame(bytes, 100'000);
    ASSERT_TRUE(first.ok() && first->has_value());
    EXPECT_EQ(**first, message);
  }
}

TEST(Frame, WaitsForTheRest) {
  const std::string frame = Frame("message");
  for (size_t length = 0; length < frame.size(); ++length) {
    const auto first = FirstInFrame(absl::string_view(frame).substr(0, length), 100);
    ASSERT_TRUE(first.ok());
    EXPECT_FALSE(first->has_value()) << length;
  }
}

TEST(Frame, RefusesMoreThanTheLimitBeforeItIsThere) {
  EXPECT_FALSE(FirstInFrame(absl::string_view("\xff\xff\xff\xff", 4), 100).ok());
  EXPECT_FALSE(FirstInFrame(Frame(std::string(101, 'x')).substr(0, 4), 100).ok());
  EXPECT_TRUE(FirstInFrame(Frame(std::string(100, 'x')), 100).ok());
}

}  // namespace
}  // namespace firebreak
