// SPDX-License-Identifier: Apache-2.0
#include "agent/mappings/holder.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/mappings/check_wanted.h"
#include "base/time/timestamp.h"
#include "gtest/gtest.h"

namespace firebreak::agent {
namespace {

// A process that lives until End.
class Child {
 public:
  Child() {
    number_ = fork();
    if (number_ == 0) {
      pause();
      _exit(0);
    }
  }
  ~Child() { End(); }

  void End() {
    if (number_ <= 0) return;
    kill(number_, SIGKILL);
    waitpid(number_, nullptr, 0);
    number_ = 0;
  }

  Caller AsCaller() const {
    return {.local = true,
            .user = 1000,
            .process = number_,
            .process_handle = std::make_shared<const Descriptor>(
                static_cast<int>(syscall(SYS_pidfd_open, number_, 0))),
            .may_act = false};
  }
  pid_t number() const { return number_; }

 private:
  pid_t number_ = 0;
};

v1::LocalMapping HeldBy(pid_t process, absl::Time at) {
  v1::LocalMapping mapping;
  mapping.set_unit(absl::StrCat("process ", process));
  *mapping.mutable_at() = ToTimestamp(at);
  return mapping;
}

TEST(HolderTest, AProgramHoldsWhileItRuns) {
  Child child;
  const auto holder = FindHolder(kWithTheProgram, child.AsCaller());
  ASSERT_TRUE(holder.ok()) << holder.status();
  EXPECT_EQ(holder->name, absl::StrCat("process ", child.number()));
  EXPECT_FALSE(WhyGone(*holder).has_value());
  child.End();
  EXPECT_TRUE(WhyGone(*holder).has_value());
}

TEST(HolderTest, AProgramThatHasEndedHoldsNothing) {
  Child child;
  const Caller caller = child.AsCaller();
  child.End();
  EXPECT_TRUE(absl::IsNotFound(FindHolder(kWithTheProgram, caller).status()));
}

TEST(HolderTest, IsFoundAgainUnlessAnotherHasItsNumber) {
  Child child;
  // The kernel counts starts in ticks of up to 10 ms.
  const absl::Time asked = absl::Now() + absl::Milliseconds(20);
  const auto again = FindHolderAgain(HeldBy(child.number(), asked));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(WhyGone(*again).has_value());
  // Asked for before this process started: by another one with its number.
  EXPECT_TRUE(
      absl::IsNotFound(FindHolderAgain(HeldBy(child.number(), asked - absl::Minutes(1))).status()));
  const pid_t number = child.number();
  child.End();
  EXPECT_TRUE(absl::IsNotFound(FindHolderAgain(HeldBy(number, asked)).status()));
  v1::LocalMapping damaged;
  damaged.set_unit("process -1");
  EXPECT_TRUE(absl::IsNotFound(FindHolderAgain(damaged).status()));
}

TEST(HolderTest, NothingIsNeverGone) {
  const auto none = FindHolder("", Child().AsCaller());
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(WhyGone(*none).has_value());
  EXPECT_TRUE(FindHolderAgain({}).ok());
}

TEST(HolderTest, AUnitThatDoesNotRunIsRefused) {
  Child child;
  EXPECT_TRUE(absl::IsNotFound(FindHolder("no-such-unit-here.service", child.AsCaller()).status()));
}

}  // namespace
}  // namespace firebreak::agent
