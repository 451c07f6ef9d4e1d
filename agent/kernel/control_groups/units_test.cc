// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/control_groups/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/kernel/control_groups/unit_watch.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Uses ordinary directories in place of a cgroup mount, because only names and places of
// directories are tested.
class Units : public testing::Test {
 protected:
  Units() : top_(testing::TempDir() + "/units-" + std::to_string(getpid())) {
    std::filesystem::create_directories(top_);
  }
  ~Units() override { std::filesystem::remove_all(top_); }

  uint64_t Make(const std::string& path) {
    std::filesystem::create_directories(top_ + "/" + path);
    struct stat status;
    EXPECT_EQ(stat((top_ + "/" + path).c_str(), &status), 0);
    return status.st_ino;
  }

  const std::string top_;
};

TEST_F(Units, AreFoundInTheSlicesThatTheyRunIn) {
  const uint64_t chrony = Make("system.slice/chrony.service");
  const uint64_t getty = Make("system.slice/system-getty.slice/getty@tty1.service");
  const uint64_t system = Make("system.slice");
  const auto found =
      FindUnits(top_, {"chrony.service", "getty@tty1.service", "system.slice", "cron.service"});
  EXPECT_THAT(found, SizeIs(3));
  EXPECT_THAT(found.at("chrony.service"), ElementsAre(policy::ControlGroup{2, chrony}));
  EXPECT_THAT(found.at("getty@tty1.service"), ElementsAre(policy::ControlGroup{3, getty}));
  EXPECT_THAT(found.at("system.slice"), ElementsAre(policy::ControlGroup{1, system}));
  EXPECT_THAT(ControlGroupsOf(top_, "getty@tty1.service"), SizeIs(4));
  EXPECT_EQ(ControlGroupsOf(top_, "chrony.service").back(), chrony);
  EXPECT_THAT(ControlGroupsOf(top_, "cron.service"), IsEmpty());
}

TEST_F(Units, OfOtherUsersAreNotTakenForThoseOfTheSystem) {
  Make("user.slice/user-1000.slice/user@1000.service/app.slice/chrony.service");
  Make("system.slice/container.service/system.slice/chrony.service");
  Make("stranger.slice/chrony.service");
  ASSERT_EQ(chown((top_ + "/stranger.slice").c_str(), 1000, 1000), 0);
  EXPECT_THAT(FindUnits(top_, {"chrony.service"}), IsEmpty());
  std::filesystem::create_directory_symlink(top_ + "/stranger.slice", top_ + "/linked.slice");
  EXPECT_THAT(FindUnits(top_, {"chrony.service", "linked.slice"}), IsEmpty());
}

TEST_F(Units, HaveAnUnderscoreWhereTheKernelMightUseTheName) {
  Make("system.slice/_cpu.service");
  EXPECT_THAT(FindUnits(top_, {"cpu.service"}), SizeIs(1));
}

TEST_F(Units, AreWatchedAsTheyComeAndGo) {
  Make("system.slice");
  absl::StatusOr<UnitWatch> watch = UnitWatch::Open();
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(watch->Follow(top_, {"a.service", "b.service"}));
  EXPECT_FALSE(watch->Follow(top_, {"a.service", "b.service"}));
  const auto heard = [&] {
    pollfd poll_for = {watch->descriptor(), POLLIN, 0};
    EXPECT_EQ(poll(&poll_for, 1, 10'000), 1);
    return watch->Drain();
  };
  Make("system.slice/other.service");
  EXPECT_FALSE(heard());
  Make("system.slice/a.service");
  EXPECT_TRUE(heard());
  std::filesystem::remove_all(top_ + "/system.slice/a.service");
  EXPECT_TRUE(heard());
  // A slice that did not exist when the watch began is watched too.
  Make("new.slice");
  EXPECT_TRUE(heard());
  Make("new.slice/b.service");
  EXPECT_TRUE(heard());
  // No unit is followed, so no event arrives.
  watch->Follow(top_, {});
  watch->Drain();
  Make("new.slice/a.service");
  pollfd poll_for = {watch->descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&poll_for, 1, 0), 0);
}

TEST(ControlGroups, AreMountedSomewhereOrNot) {
  const std::string file = testing::TempDir() + "/mounts";
  const auto find = [&](const std::string& text) {
    std::ofstream(file) << text;
    return FindControlGroups(file);
  };
  EXPECT_EQ(find("25 30 0:23 / /proc rw - proc proc rw\n"
                 "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"),
            "/sys/fs/cgroup/unified");
  EXPECT_EQ(find("41 31 0:38 / /with\\040space rw shared:4 - cgroup2 none rw\n"), "/with space");
  EXPECT_EQ(find("41 31 0:38 /part /elsewhere rw - cgroup2 none rw\n"), std::nullopt);
  EXPECT_EQ(find("41 31 0:38 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"), std::nullopt);
  EXPECT_EQ(find("cgroup2 - cgroup2 \n\n - cgroup2 "), std::nullopt);
  EXPECT_EQ(FindControlGroups("/nowhere"), std::nullopt);
}

}  // namespace
}  // namespace firebreak::agent
