// SPDX-License-Identifier: Apache-2.0
#include "controller/log/log_state.h"

#include <gtest/gtest.h>

#include <random>

namespace firebreak::controller {
namespace {

TEST(LogState, RemembersWhatWasDeletedInAnyOrder) {
  std::mt19937 random(5);
  LogState state;
  std::map<uint64_t, bool> deleted;
  for (int i = 0; i < 200; ++i) {
    const uint64_t number = 1 + random() % 100;
    state.Delete(number);
    deleted[number] = true;
    for (uint64_t one = 0; one <= 102; ++one) EXPECT_EQ(state.IsDeleted(one), deleted[one]) << one;
  }
  // Adjacent numbers form one run.
  std::optional<uint64_t> last;
  for (const auto& [first, end] : state.deleted) {
    EXPECT_TRUE(!last.has_value() || first > *last + 1);
    last = end;
  }
}

TEST(LogState, IsReadAsItWasPrinted) {
  LogState state = {.newest = 17, .trusted_micros = -5, .ahead_seconds = 3600};
  for (const uint64_t number : {1, 2, 3, 9}) state.Delete(number);
  EXPECT_EQ(ParseLogState(PrintLogState(state)), state);
  EXPECT_EQ(ParseLogState(PrintLogState(LogState())), LogState());
}

TEST(LogState, WhatIsDamagedIsNotRead) {
  LogState state = {.newest = 17};
  state.Delete(3);
  const std::string text = PrintLogState(state);
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(ParseLogState(text.substr(0, i)).has_value()) << i;
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(ParseLogState(flipped).has_value()) << i;
  }
}

}  // namespace
}  // namespace firebreak::controller
