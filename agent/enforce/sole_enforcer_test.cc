// SPDX-License-Identifier: Apache-2.0
#include "agent/enforce/sole_enforcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace firebreak::agent {
namespace {

class SoleEnforcerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(SoleEnforcerTest, TheSecondIsRefusedWhileTheFirstIsThere) {
  {
    const auto first = SoleEnforcer::Claim();
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = SoleEnforcer::Claim();
    EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
    EXPECT_THAT(std::string(second.status().message()), testing::HasSubstr("another"));
  }
  EXPECT_TRUE(SoleEnforcer::Claim().ok());
}

TEST_F(SoleEnforcerTest, AProcessThatIsKilledLeavesNothingBehind) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto claim = SoleEnforcer::Claim();
    (void)!write(ready[1], claim.ok() ? "y" : "n", 1);
    pause();
    _exit(0);
  }
  char has = 'n';
  ASSERT_EQ(read(ready[0], &has, 1), 1);
  EXPECT_EQ(has, 'y');
  EXPECT_FALSE(SoleEnforcer::Claim().ok());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(SoleEnforcer::Claim().ok());
}

TEST_F(SoleEnforcerTest, EachNetworkNamespaceHasItsOwn) {
  const auto here = SoleEnforcer::Claim();
  ASSERT_TRUE(here.ok());
  ASSERT_EQ(unshare(CLONE_NEWNET), 0);
  EXPECT_TRUE(SoleEnforcer::Claim().ok());
}

}  // namespace
}  // namespace firebreak::agent
