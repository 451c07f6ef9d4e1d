// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/settings_watch.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace firebreak::agent {
namespace {

constexpr char kRfc1337[] = "net/ipv4/tcp_rfc1337";
constexpr char kReversePath[] = "net/ipv4/conf/lo/rp_filter";

void Write(const char* name, const char* value) {
  std::ofstream(std::string("/proc/sys/") + name) << value;
}

// Runs in a network namespace of its own.
class SettingsWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    auto watch = SettingsWatch::Open();
    ASSERT_TRUE(watch.ok()) << watch.status();
    watch_.emplace(*std::move(watch));
  }

  std::optional<SettingsWatch> watch_;
};

TEST_F(SettingsWatchTest, HearsOfWhatIsWrittenAtOnce) {
  watch_->Watch({kRfc1337});
  EXPECT_TRUE(watch_->Drain().names.empty());
  Write(kRfc1337, "1");
  const SettingsWatch::Written written = watch_->Drain();
  EXPECT_EQ(written.names, std::set<std::string>{kRfc1337});
  EXPECT_FALSE(written.all);
  EXPECT_TRUE(watch_->Drain().names.empty()) << "told once";
}

// A program may write a sysctl through another mount of /proc, which inotify does not watch.
TEST_F(SettingsWatchTest, TheKernelTellsOfSomeThatNoFileIsWatchedFor) {
  watch_->Watch({});
  Write(kRfc1337, "1");
  EXPECT_FALSE(watch_->Drain().all);
  Write(kReversePath, "1");
  EXPECT_TRUE(watch_->Drain().all);
}

TEST_F(SettingsWatchTest, WatchesOthersInsteadAndNoneThatIsNotThere) {
  watch_->Watch({kRfc1337, "net/ipv4/no_such"});
  watch_->Watch({kReversePath});
  Write(kRfc1337, "1");
  EXPECT_TRUE(watch_->Drain().names.empty());
  Write(kReversePath, "2");
  EXPECT_TRUE(watch_->Drain().names.contains(kReversePath));
}

}  // namespace
}  // namespace firebreak::agent
