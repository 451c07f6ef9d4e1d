// SPDX-License-Identifier: Apache-2.0
#include "controller/log/reader_pool.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/synchronization/notification.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMany = 100;

TEST(ReaderPool, ShortSearchesGoBeforeLongOnesAndDoNotStarveThem) {
  std::string order;
  {
    ReaderPool pool({}, 100);
    absl::Notification busy;
    absl::Notification go_on;
    ASSERT_TRUE(pool.Do(0, [&] {
      busy.Notify();
      go_on.WaitForNotification();
    }));
    busy.WaitForNotification();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pool.Do(kMany, [&] { order += 'l'; }));
    for (int i = 0; i < 9; ++i) ASSERT_TRUE(pool.Do(0, [&] { order += 's'; }));
    go_on.Notify();
  }
  EXPECT_EQ(order, "ssslsssslssl");
}

TEST(ReaderPool, ManyThreadsDoAllOfIt) {
  std::atomic<int> done = 0;
  {
    ReaderPool pool({.for_all = 3, .for_short_searches = 2}, 1000);
    for (size_t i = 0; i < 500; ++i) ASSERT_TRUE(pool.Do(i % 20, [&] { ++done; }));
  }
  EXPECT_EQ(done, 500);
}

TEST(ReaderPool, AShortSearchDoesNotWaitForTheTurnOfALongOne) {
  ReaderPool pool({.for_all = 1, .for_short_searches = 1}, 10);
  absl::Notification short_one;
  absl::Notification long_one;
  ASSERT_TRUE(pool.Do(kMany, [&] {
    short_one.WaitForNotification();
    long_one.Notify();
  }));
  ASSERT_TRUE(pool.Do(kMany, [] {}));
  ASSERT_TRUE(pool.Do(0, [&] { short_one.Notify(); }));
  long_one.WaitForNotification();
}

TEST(ReaderPool, WhatIsTooMuchIsRefused) {
  absl::Notification busy;
  absl::Notification go_on;
  ReaderPool pool({}, 2);
  ASSERT_TRUE(pool.Do(0, [&] {
    busy.Notify();
    go_on.WaitForNotification();
  }));
  busy.WaitForNotification();
  EXPECT_TRUE(pool.Do(0, [] {}));
  EXPECT_TRUE(pool.Do(kMany, [] {}));
  EXPECT_FALSE(pool.Do(0, [] {}));
  go_on.Notify();
}

}  // namespace
}  // namespace firebreak::controller
