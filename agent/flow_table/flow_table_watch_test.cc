// SPDX-License-Identifier: Apache-2.0
#include "agent/flow_table/flow_table_watch.h"

#include <gtest/gtest.h>

#include <string>

namespace firebreak::agent {
namespace {

TEST(ParseFlowTableCounters, AddsTheColumnsOfAllCpusByName) {
  EXPECT_EQ(ParseFlowTableCounters("entries  found drop early_drop icmp_error  expect_new\n"
                                   "00000000  00000009 0000000a 00000001 00000000  00000000\n"
                                   "00000000  00000009 00000001 00000010 00000000  00000000\n"),
            (FlowTableCounters{.dropped = 11, .evicted = 17}));
  for (const char* text :
       {"", "\n", "drop\n", "drop early_drop\nxyz\n", "drop\nfffffffffffffff\n"}) {
    EXPECT_EQ(ParseFlowTableCounters(text), FlowTableCounters()) << text;
  }
}

TEST(FlowTableFill, ATableIsFullWhileTheKernelCountsAndForSomeTimeAfter) {
  const absl::Time now = absl::UnixEpoch();
  FlowTableFill fill;
  EXPECT_FALSE(fill.Look({.dropped = 5, .evicted = 7}, 100, now).has_value());
  EXPECT_FALSE(fill.Look({.dropped = 5, .evicted = 7}, 100, now).has_value());
  EXPECT_FALSE(fill.state().has_value()) << "what was counted before says nothing about now";
  const auto full = fill.Look({.dropped = 6, .evicted = 9}, 100, now);
  ASSERT_TRUE(full.has_value());
  EXPECT_TRUE(full->full());
  EXPECT_EQ(full->limit(), 100u);
  EXPECT_EQ(full->dropped(), 1u);
  EXPECT_EQ(full->evicted(), 2u);
  EXPECT_TRUE(fill.state()->full());
  for (int i = 0; i < FlowTableFill::kQuietLooks - 1; ++i) {
    EXPECT_FALSE(fill.Look({.dropped = 6, .evicted = 9}, 100, now).has_value());
  }
  EXPECT_FALSE(fill.Look({.dropped = 8, .evicted = 9}, 100, now).has_value()) << "still full";
  for (int i = 0; i < FlowTableFill::kQuietLooks - 1; ++i) {
    EXPECT_FALSE(fill.Look({.dropped = 8, .evicted = 9}, 100, now).has_value());
  }
  const auto room = fill.Look({.dropped = 8, .evicted = 9}, 100, now);
  ASSERT_TRUE(room.has_value());
  EXPECT_FALSE(room->full());
  EXPECT_EQ(room->dropped(), 3u);
  EXPECT_FALSE(fill.state()->full());
  EXPECT_EQ(fill.state()->dropped(), 3u);
}

TEST(FlowTableFill, CountersThatWrapAreNoNews) {
  FlowTableFill fill;
  fill.Look({.dropped = 5, .evicted = 7}, 100, absl::UnixEpoch());
  EXPECT_FALSE(fill.Look({.dropped = 1, .evicted = 7}, 100, absl::UnixEpoch()).has_value());
}

}  // namespace
}  // namespace firebreak::agent
