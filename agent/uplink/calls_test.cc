// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/calls.h"

#include <gtest/gtest.h>

#include <thread>

namespace firebreak::agent {
namespace {

// No program listens at this address.
constexpr char kNowhere[] = "127.0.0.1:1";
constexpr absl::Duration kTimeout = absl::Seconds(5);

TEST(Calls, AnswerOnTheLoopsThreadAndMayThenBeDestroyed) {
  EventLoop loop;
  // Each call has the only gRPC channel of the process, so the thread that destroys it waits for
  // gRPC's threads to end.
  for (int i = 0; i < 3; ++i) {
    std::unique_ptr<ReachCall> call;
    int answers = 0;
    call = StartReach(kNowhere, Identity(), 1, kTimeout, loop,
                      [&, test = std::this_thread::get_id()](const ReachAnswer& answer) {
                        EXPECT_FALSE(answer.status.ok());
                        EXPECT_EQ(std::this_thread::get_id(), test);
                        ++answers;
                        call.reset();
                        loop.Stop();
                      });
    loop.Run();
    EXPECT_EQ(answers, 1);
  }
}

TEST(Calls, OneThatIsDestroyedDoesNotAnswer) {
  EventLoop loop;
  std::unique_ptr<ReachCall> call =
      StartReach(kNowhere, Identity(), 1, kTimeout, loop,
                 [](const ReachAnswer&) { ADD_FAILURE() << "answered"; });
  call.reset();
  loop.RunAfter(std::chrono::milliseconds(300), [&] { loop.Stop(); });
  loop.Run();
}

}  // namespace
}  // namespace firebreak::agent
