// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/kept_policy.h"

#include <gtest/gtest.h>

namespace firebreak::agent {
namespace {

using std::chrono::milliseconds;

v1::EffectivePolicy Policy() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  policy.add_locations()->set_name("elsewhere");
  return policy;
}

void RunUntilLetGo(EventLoop& loop, const KeptPolicy& kept) {
  std::function<void()> look = [&] {
    if (!kept.parsed()) return loop.Stop();
    loop.RunAfter(milliseconds(1), look);
  };
  loop.Post(look);
  loop.Run();
}

TEST(KeptPolicy, BeginsEmpty) {
  EventLoop loop;
  EXPECT_FALSE(KeptPolicy(loop).Get().managed());
}

TEST(KeptPolicy, IsTheSameAfterItWasLetGo) {
  EventLoop loop;
  KeptPolicy kept(loop, milliseconds(5));
  kept.Set(Policy());
  EXPECT_TRUE(kept.parsed());
  EXPECT_EQ(kept.Get().SerializeAsString(), Policy().SerializeAsString());
  RunUntilLetGo(loop, kept);
  EXPECT_EQ(kept.Get().SerializeAsString(), Policy().SerializeAsString());
  EXPECT_TRUE(kept.parsed());
  RunUntilLetGo(loop, kept);
}

TEST(KeptPolicy, MayEndWhileItIsParsed) {
  EventLoop loop;
  {
    KeptPolicy kept(loop, milliseconds(1));
    kept.Set(Policy());
  }
  loop.RunAfter(milliseconds(5), [&] { loop.Stop(); });
  loop.Run();
}

}  // namespace
}  // namespace firebreak::agent
