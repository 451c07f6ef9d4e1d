#include "agent/kernel/settings/settings.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "agent/state/sealed_file.h"

namespace firebreak::agent {
namespace {

constexpr char kForward[] = "net/ipv4/ip_forward";

// In a network namespace of its own, in which nothing is forwarded.
class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(*ReadSetting(kForward), "0");
    file_ = std::string(getenv("TEST_TMPDIR")) + "/settings";
  }
  void TearDown() override { unlink(file_.c_str()); }

  std::string file_;
};

TEST_F(SettingsTest, GoBackToWhatWasFound) {
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply({{kForward, "1"}}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  ASSERT_TRUE(settings.Restore({{kForward, "1"}}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1") << "it is still wanted";
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
}

TEST_F(SettingsTest, AHostWithoutIpv6NeedsNoneForIt) {
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(mount("none", "/proc/sys/net", "tmpfs", 0, nullptr), 0);
  std::filesystem::create_directories("/proc/sys/net/ipv4");
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "0";
  KernelSettings settings(file_);
  EXPECT_TRUE(settings.Apply({{kForward, "1"}, {"net/ipv6/conf/all/forwarding", "1"}}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  EXPECT_FALSE(settings.Apply({{"net/ipv4/nonsense", "1"}}).ok());
  ASSERT_EQ(umount("/proc/sys/net"), 0);
}

TEST_F(SettingsTest, AreRememberedOverARestart) {
  ASSERT_TRUE(KernelSettings(file_).Apply({{kForward, "1"}}).ok());
  KernelSettings restarted(file_);
  ASSERT_TRUE(restarted.Apply({{kForward, "1"}}).ok());
  ASSERT_TRUE(restarted.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
}

// After a reboot, with a disk that is full or has become read-only.
TEST_F(SettingsTest, WhatIsRememberedAlreadyNeedsNoDisk) {
  ASSERT_TRUE(KernelSettings(file_).Apply({{kForward, "1"}}).ok());
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "0";
  ASSERT_TRUE(std::filesystem::create_directory(file_ + ".new")) << "in the way of writing it";
  EXPECT_TRUE(KernelSettings(file_).Apply({{kForward, "1"}}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  std::filesystem::remove(file_ + ".new");
}

TEST_F(SettingsTest, WhatWasSetAlreadyStays) {
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "1";
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply({{kForward, "1"}}).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
}

// What they found stands in the file with the boot in which they looked; another boot is another
// word there.
void Reboot(const std::string& file, const char* forward) {
  const std::string boot = *ReadSetting("kernel/random/boot_id");
  const absl::StatusOr<std::string> sealed = ReadSealedFile(file);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  std::string content = *sealed;
  for (size_t at = content.find(boot); at != std::string::npos; at = content.find(boot)) {
    content.replace(at, boot.size(), "another");
  }
  ASSERT_TRUE(WriteSealedFile(file, content).ok());
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << forward;
}

TEST_F(SettingsTest, WhoeverMadeTheHostForwardBeforeIsRememberedOverAReboot) {
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "1";
  ASSERT_TRUE(KernelSettings(file_).Apply({{kForward, "1"}}).ok());
  Reboot(file_, "0");  // and whoever it was comes later this time
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply({{kForward, "1"}}).ok());
  EXPECT_TRUE(settings.HasAnyway(kForward, "1"));
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
}

TEST_F(SettingsTest, WhoeverMakesTheHostForwardAtAStartIsLeftAlone) {
  ASSERT_TRUE(KernelSettings(file_).Apply({{kForward, "1"}}).ok());
  Reboot(file_, "1");
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply({{kForward, "1"}}).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
}

TEST_F(SettingsTest, ARebootAloneMakesNobodyForward) {
  ASSERT_TRUE(KernelSettings(file_).Apply({{kForward, "1"}}).ok());
  Reboot(file_, "0");
  ASSERT_TRUE(KernelSettings(file_).Apply({{kForward, "1"}}).ok());
  KernelSettings settings(file_);  // the agent behind the one that only enforced at boot
  ASSERT_TRUE(settings.Apply({{kForward, "1"}}).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
}

TEST_F(SettingsTest, OthersWhoRelyOnForwardingKeepIt) {
  bool others = true;
  KernelSettings settings(file_, [&](uint8_t) { return others; });
  ASSERT_TRUE(settings.Apply({{kForward, "1"}}).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "0";
  others = false;
  ASSERT_TRUE(settings.Apply({{kForward, "1"}}).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
}

TEST_F(SettingsTest, WhatTheKernelDoesNotKnowIsAnError) {
  KernelSettings settings(file_);
  const absl::Status status = settings.Apply({{"net/ipv4/no_such", "1"}, {kForward, "1"}});
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_EQ(*ReadSetting(kForward), "1") << "one that cannot be set keeps others from it";
  EXPECT_TRUE(settings.Restore({}).ok());
}

}  // namespace
}  // namespace firebreak::agent
