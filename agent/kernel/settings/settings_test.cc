// SPDX-License-Identifier: Apache-2.0
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
constexpr char kRetries[] = "net/ipv4/tcp_synack_retries";

using policy::WantedSysctl;
using policy::WantedSysctls;

// Returns values that the rules need.
WantedSysctls Needed(std::initializer_list<std::pair<const char*, const char*>> values) {
  WantedSysctls wanted;
  for (const auto& [name, value] : values) wanted[name] = {.value = value};
  return wanted;
}

// Returns a value that a policy sets.
WantedSysctl Asked(const char* value, bool told_only = false) {
  return {.value = value, .setting = "a_setting", .policy = "web", .told_only = told_only};
}

void Write(const std::string& name, const std::string& value) {
  std::ofstream("/proc/sys/" + name) << value;
}

// Runs in a network namespace of its own, in which nothing is forwarded.
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
  ASSERT_TRUE(settings.Apply(Needed({{kForward, "1"}})).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  ASSERT_TRUE(settings.Restore(Needed({{kForward, "1"}})).ok());
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
  EXPECT_TRUE(
      settings.Apply(Needed({{kForward, "1"}, {"net/ipv6/conf/all/forwarding", "1"}})).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  EXPECT_FALSE(settings.Apply(Needed({{"net/ipv4/nonsense", "1"}})).ok());
  ASSERT_EQ(umount("/proc/sys/net"), 0);
}

TEST_F(SettingsTest, AreRememberedOverARestart) {
  ASSERT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  KernelSettings restarted(file_);
  ASSERT_TRUE(restarted.Apply(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(restarted.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
}

// The same after a reboot, with a disk that is full or read-only.
TEST_F(SettingsTest, WhatIsRememberedAlreadyNeedsNoDisk) {
  ASSERT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "0";
  ASSERT_TRUE(std::filesystem::create_directory(file_ + ".new")) << "in the way of writing it";
  EXPECT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  std::filesystem::remove(file_ + ".new");
}

TEST_F(SettingsTest, WhatWasSetAlreadyStays) {
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "1";
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
}

// Pretends a reboot. The file has the ID of the boot in which values were compared, so another ID
// stands for another boot.
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
  ASSERT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  Reboot(file_, "0");  // whoever set forwarding comes later this time
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply(Needed({{kForward, "1"}})).ok());
  EXPECT_TRUE(settings.HasAnyway(kForward, "1"));
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
}

TEST_F(SettingsTest, WhoeverMakesTheHostForwardAtAStartIsLeftAlone) {
  ASSERT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  Reboot(file_, "1");
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
}

TEST_F(SettingsTest, ARebootAloneMakesNobodyForward) {
  ASSERT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  Reboot(file_, "0");
  ASSERT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  KernelSettings settings(file_);  // the agent that starts after enforcement at boot
  ASSERT_TRUE(settings.Apply(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
}

TEST_F(SettingsTest, OthersWhoRelyOnForwardingKeepIt) {
  bool others = true;
  KernelSettings settings(file_, [&](uint8_t) { return others; });
  ASSERT_TRUE(settings.Apply(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "1");
  std::ofstream("/proc/sys/net/ipv4/ip_forward") << "0";
  others = false;
  ASSERT_TRUE(settings.Apply(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
}

TEST_F(SettingsTest, WhatTheKernelDoesNotKnowIsAnError) {
  KernelSettings settings(file_);
  const absl::Status status = settings.Apply(Needed({{"net/ipv4/no_such", "1"}, {kForward, "1"}}));
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_EQ(*ReadSetting(kForward), "1") << "one that cannot be set keeps others from it";
  EXPECT_TRUE(settings.Restore({}).ok());
}

TEST_F(SettingsTest, WhatAPolicyAsksForAndCannotBeIsAProblemAndTheRestIsSet) {
  KernelSettings settings(file_);
  WantedSysctls wanted = {{"net/ipv4/no_such", Asked("1")},
                          {"net/ipv4/tcp_fin_timeout", Asked("x")},
                          {kRetries, Asked("2")}};
  EXPECT_TRUE(settings.Apply(wanted).ok());
  EXPECT_EQ(*ReadSetting(kRetries), "2");
  std::map<std::string, SettingState> states;
  for (SettingState& state : settings.States()) states[state.name] = state;
  EXPECT_EQ(states.size(), 3u);
  EXPECT_NE(states["net/ipv4/no_such"].problem.find("not supported"), std::string::npos);
  EXPECT_NE(states["net/ipv4/tcp_fin_timeout"].problem.find("write"), std::string::npos);
  EXPECT_EQ(states[kRetries].problem, "");
  EXPECT_EQ(states[kRetries].before, "5");
  settings.Check();
  EXPECT_TRUE(settings.TakeForeign().empty()) << "what was never set has not been changed";
}

TEST_F(SettingsTest, WhatOthersChangeIsToldAndPutBack) {
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply({{kRetries, Asked("2")}, {kForward, {.value = "1"}}}).ok());
  settings.Check();
  EXPECT_TRUE(settings.TakeForeign().empty());
  Write(kRetries, "9");
  Write(kForward, "0");
  settings.Check();
  const std::vector<ForeignSetting> foreign = settings.TakeForeign();
  ASSERT_EQ(foreign.size(), 2u);
  EXPECT_EQ(foreign[1].name, kRetries);
  EXPECT_EQ(foreign[1].found, "9");
  EXPECT_EQ(foreign[1].wanted, "2");
  EXPECT_TRUE(foreign[0].put_back && foreign[1].put_back);
  EXPECT_EQ(*ReadSetting(kRetries), "2");
  EXPECT_EQ(*ReadSetting(kForward), "1") << "what the rules need too";
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kRetries), "5");
}

TEST_F(SettingsTest, WhatIsNotEnforcedIsToldOnce) {
  KernelSettings settings(file_);
  const WantedSysctls wanted = {{kRetries, Asked("2", true)}};
  ASSERT_TRUE(settings.Apply(wanted).ok());
  Write(kRetries, "9");
  settings.Check();
  ASSERT_TRUE(settings.Apply(wanted).ok()) << "as with every check of the rules";
  const std::vector<ForeignSetting> foreign = settings.TakeForeign();
  ASSERT_EQ(foreign.size(), 1u);
  EXPECT_FALSE(foreign[0].put_back);
  EXPECT_EQ(*ReadSetting(kRetries), "9");
  EXPECT_NE(settings.States()[0].problem, "");
  Write(kRetries, "2");
  settings.Check();
  EXPECT_EQ(settings.States()[0].problem, "");
  Write(kRetries, "8");
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kRetries), "8") << "it is somebody else's";
}

// An agent may die between writing to the disk and to the kernel.
TEST_F(SettingsTest, GoBackWhereverAnAgentDied) {
  ASSERT_TRUE(KernelSettings(file_).Apply({{kRetries, Asked("2")}}).ok());
  ASSERT_TRUE(KernelSettings(file_).Apply({{kRetries, Asked("3")}}).ok());
  Write(kRetries, "2");  // as if it died with 3 only on the disk
  ASSERT_TRUE(KernelSettings(file_).Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kRetries), "5");
}

// inet_forward_change: a host that begins to forward takes no redirects, and forwards on all
// interfaces.
TEST_F(SettingsTest, WhatFollowsAnotherValueGoesBackToo) {
  constexpr char kRedirects[] = "net/ipv4/conf/all/accept_redirects";
  constexpr char kLoopback[] = "net/ipv4/conf/lo/forwarding";
  Write(kRedirects, "0");
  Write(kLoopback, "1");
  ASSERT_EQ(*ReadSetting(kForward), "0");
  ASSERT_TRUE(KernelSettings(file_).Apply(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(KernelSettings(file_).Restore(Needed({{kForward, "1"}})).ok());
  ASSERT_TRUE(KernelSettings(file_).Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kForward), "0");
  EXPECT_EQ(*ReadSetting(kRedirects), "0") << "the kernel made 1 of it";
  EXPECT_EQ(*ReadSetting(kLoopback), "1") << "the kernel made 0 of it";
}

TEST_F(SettingsTest, AnInterfaceThatComesLaterIsGivenWhatItWouldHaveHad) {
  constexpr char kDefault[] = "net/ipv4/conf/default/rp_filter";
  constexpr char kOwn[] = "net/ipv4/conf/late0/rp_filter";
  ASSERT_EQ(*ReadSetting(kDefault), "0");
  KernelSettings settings(file_);
  ASSERT_TRUE(settings.Apply({{kDefault, Asked("1")}}).ok());
  ASSERT_EQ(system("ip link add late0 type veth peer name late1"), 0);
  ASSERT_EQ(*ReadSetting(kOwn), "1");
  WantedSysctl own = Asked("1");
  own.interface = 7;
  ASSERT_TRUE(settings.Apply({{kDefault, Asked("1")}, {kOwn, own}}).ok());
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting(kOwn), "0");
}

TEST_F(SettingsTest, ARenamedInterfaceKeepsWhatWasFoundForIt) {
  ASSERT_EQ(system("ip link add old0 type veth peer name old1"), 0);
  Write("net/ipv4/conf/old0/rp_filter", "2");
  KernelSettings settings(file_);
  WantedSysctl own = Asked("1");
  own.interface = 7;
  ASSERT_TRUE(settings.Apply({{"net/ipv4/conf/old0/rp_filter", own}}).ok());
  ASSERT_EQ(system("ip link set old0 name new0"), 0);
  ASSERT_TRUE(settings.Restore({{"net/ipv4/conf/new0/rp_filter", own}}).ok());
  ASSERT_TRUE(settings.Apply({{"net/ipv4/conf/new0/rp_filter", own}}).ok());
  EXPECT_EQ(*ReadSetting("net/ipv4/conf/new0/rp_filter"), "1");
  ASSERT_TRUE(settings.Restore({}).ok());
  EXPECT_EQ(*ReadSetting("net/ipv4/conf/new0/rp_filter"), "2");
}

TEST_F(SettingsTest, AReadOnlyProcIsAProblemOfWhatPoliciesAskFor) {
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(mount("/proc/sys", "/proc/sys", nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(mount("none", "/proc/sys", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), 0);
  KernelSettings settings(file_);
  EXPECT_TRUE(settings.Apply({{kRetries, Asked("2")}}).ok());
  EXPECT_NE(settings.States()[0].problem.find("Read-only"), std::string::npos)
      << settings.States()[0].problem;
  EXPECT_FALSE(settings.Apply(Needed({{kForward, "1"}})).ok()) << "the rules mean nothing without";
  ASSERT_EQ(umount("/proc/sys"), 0);
}

}  // namespace
}  // namespace firebreak::agent
