// SPDX-License-Identifier: Apache-2.0
#include "agent/loop/event_loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "agent/loop/poster.h"

namespace firebreak::agent {
namespace {

using std::chrono::milliseconds;

TEST(EventLoop, RunsTimersInTheirOrder) {
  EventLoop loop;
  std::string order;
  loop.RunAfter(milliseconds(20), [&] { loop.Stop(); });
  loop.RunAfter(milliseconds(10), [&] { order += "b"; });
  loop.RunAfter(milliseconds(1), [&] { order += "a"; });
  loop.Run();
  EXPECT_EQ(order, "ab");
}

TEST(EventLoop, CancelledTimersDoNotRun) {
  EventLoop loop;
  bool ran = false;
  const EventLoop::Timer timer = loop.RunAfter(milliseconds(1), [&] { ran = true; });
  loop.RunAfter(milliseconds(0), [&] { loop.Cancel(timer); });
  loop.RunAfter(milliseconds(10), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_FALSE(ran);
}

TEST(EventLoop, RunsWhatOtherThreadsPost) {
  EventLoop loop;
  int sum = 0;
  std::thread poster([&] {
    for (int i = 1; i <= 1000; ++i) loop.Post([&sum, i] { sum += i; });
    loop.Stop();
  });
  loop.Run();
  poster.join();
  EXPECT_EQ(sum, 500500);
}

TEST(EventLoop, WatchesDescriptorsUntilTheyAreRemoved) {
  EventLoop loop;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  int seen = 0;
  loop.Watch(ends[0], [&] {
    char byte;
    ASSERT_EQ(read(ends[0], &byte, 1), 1);
    if (++seen == 2) {
      loop.Unwatch(ends[0]);
      loop.RunAfter(milliseconds(5), [&] { loop.Stop(); });
    }
  });
  ASSERT_EQ(write(ends[1], "xyz", 3), 3);
  loop.Run();
  EXPECT_EQ(seen, 2);
  close(ends[0]);
  close(ends[1]);
}

TEST(EventLoop, WatchesForRoomToWriteAsLongAsWanted) {
  EventLoop loop;
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  int room = 0;
  loop.Watch(ends[0], [&] { loop.Stop(); });
  loop.WatchWritable(ends[0], [&] {
    if (++room < 3) return;
    loop.WatchWritable(ends[0], nullptr);
    ASSERT_EQ(write(ends[1], "x", 1), 1);
  });
  loop.Run();
  EXPECT_EQ(room, 3);
  loop.Unwatch(ends[0]);
  close(ends[0]);
  close(ends[1]);
}

TEST(EventLoopDeathTest, EndsTheProcessWhenAnotherThreadUsesIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        EventLoop loop;
        std::thread other([&] { loop.RunAfter(milliseconds(1), [] {}); });
        other.join();
      },
      "another thread");
}

TEST(Poster, PostsNothingOfAnObjectThatIsGone) {
  EventLoop loop;
  int runs = 0;
  {
    Poster stays(loop);
    stays.Post([&] { ++runs; });
    {
      Poster goes(loop);
      goes.Post([&] { ADD_FAILURE() << "its object is gone"; });
    }
    loop.Stop();
    loop.Run();
  }
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace firebreak::agent
