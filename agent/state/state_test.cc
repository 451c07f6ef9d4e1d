// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "agent/state/sealed_file.h"
#include "agent/state/state_directory.h"

namespace firebreak::agent {
namespace {

class StateTest : public testing::Test {
 protected:
  StateTest() {
    std::string pattern = testing::TempDir() + "/stateXXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~StateTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

TEST_F(StateTest, ReadsWhatItWrote) {
  const std::string path = directory_ + "/file";
  EXPECT_TRUE(absl::IsNotFound(ReadSealedFile(path).status()));
  const std::string content("a\0b", 3);
  ASSERT_TRUE(WriteSealedFile(path, content).ok());
  EXPECT_EQ(*ReadSealedFile(path), content);
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(StateTest, NoticesEveryDamagedByteAndEveryMissingOne) {
  const std::string path = directory_ + "/file";
  ASSERT_TRUE(WriteSealedFile(path, "precious").ok());
  std::string whole;
  std::getline(std::ifstream(path, std::ios::binary), whole, '\xff');
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 1;
    std::ofstream(path, std::ios::binary) << damaged;
    EXPECT_TRUE(absl::IsDataLoss(ReadSealedFile(path).status())) << "byte " << i;
    std::ofstream(path, std::ios::binary) << whole.substr(0, i);
    EXPECT_TRUE(absl::IsDataLoss(ReadSealedFile(path).status())) << "cut at " << i;
  }
}

TEST_F(StateTest, AFailedWriteLeavesTheOldFile) {
  const std::string path = directory_ + "/file";
  ASSERT_TRUE(WriteSealedFile(path, "old").ok());
  ASSERT_TRUE(std::filesystem::create_directory(path + ".new"));
  EXPECT_FALSE(WriteSealedFile(path, "new").ok());
  EXPECT_EQ(*ReadSealedFile(path), "old");
}

TEST_F(StateTest, OneAgentHoldsTheDirectory) {
  const auto first = StateDirectory::Open(directory_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(StateDirectory::Open(directory_).status()));
}

TEST_F(StateTest, RefusesADirectoryThatOthersWriteTo) {
  ASSERT_EQ(chmod(directory_.c_str(), 0777), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(StateDirectory::Open(directory_).status()));
}

TEST_F(StateTest, ATrialReplacesTheGoodPolicyOnlyWhenPromoted) {
  auto state = StateDirectory::Open(directory_);
  ASSERT_TRUE(state.ok());
  v1::Push good, trial;
  good.set_revision(1);
  trial.set_revision(2);
  ASSERT_TRUE(state->WriteGood(good).ok());
  ASSERT_TRUE(state->WriteTrial(trial).ok());
  EXPECT_EQ(state->ReadGood()->revision(), 1u);
  EXPECT_EQ(state->ReadTrial()->revision(), 2u);
  ASSERT_TRUE(state->PromoteTrial().ok());
  EXPECT_EQ(state->ReadGood()->revision(), 2u);
  EXPECT_FALSE(state->ReadTrial().has_value());
}

TEST_F(StateTest, ADamagedPolicyIsNoPolicy) {
  auto state = StateDirectory::Open(directory_);
  ASSERT_TRUE(state.ok());
  std::ofstream(directory_ + "/policy") << "rubbish";
  EXPECT_FALSE(state->ReadGood().has_value());
}

TEST_F(StateTest, TextsThatAreNotUtf8AreReadAgain) {
  auto state = StateDirectory::Open(directory_);
  ASSERT_TRUE(state.ok());
  v1::Refusal refusal;
  refusal.set_revision(7);
  refusal.set_reason("interface caf\xe9: it is gone");
  ASSERT_TRUE(state->WriteRefusal(refusal).ok());
  ASSERT_TRUE(state->ReadRefusal().has_value());
  EXPECT_EQ(state->ReadRefusal()->revision(), 7u);
  EXPECT_EQ(state->ReadRefusal()->reason(), "interface caf\\xe9: it is gone");
  v1::LocalSwitches switches;
  switches.add_items()->set_user("\xff");
  ASSERT_TRUE(state->WriteSwitches(switches).ok());
  ASSERT_TRUE(state->ReadSwitches().ok()) << state->ReadSwitches().status();
  EXPECT_EQ(state->ReadSwitches()->items(0).user(), "\\xff");
}

TEST_F(StateTest, MappingsThatAreDamagedAreNotTakenForNone) {
  auto state = StateDirectory::Open(directory_);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->ReadMappings()->last_number(), 0u);
  v1::LocalMappings mappings;
  mappings.set_last_number(7);
  ASSERT_TRUE(state->WriteMappings(mappings).ok());
  EXPECT_EQ(state->ReadMappings()->last_number(), 7u);
  for (const char* content : {"", "rubbish"}) {
    std::ofstream(directory_ + "/mappings", std::ios::trunc) << content;
    EXPECT_TRUE(absl::IsDataLoss(state->ReadMappings().status()));
  }
}

TEST_F(StateTest, SwitchesThatAreLostAreNotTakenForNone) {
  auto state = StateDirectory::Open(directory_);
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(state->ReadSwitches()->items().empty());
  v1::LocalSwitches switches;
  switches.add_items()->set_interface("eth0");
  const std::string path = directory_ + "/switches";
  ASSERT_TRUE(state->WriteSwitches(switches).ok());
  EXPECT_EQ(state->ReadSwitches()->items_size(), 1);
  std::filesystem::remove(path);
  EXPECT_TRUE(absl::IsDataLoss(state->ReadSwitches().status()));
  for (const char* content : {"", "rubbish"}) {
    ASSERT_TRUE(state->WriteSwitches(switches).ok());
    std::ofstream(path, std::ios::trunc) << content;
    EXPECT_TRUE(absl::IsDataLoss(state->ReadSwitches().status()));
  }
  ASSERT_TRUE(state->WriteSwitches({}).ok());
  EXPECT_TRUE(state->ReadSwitches()->items().empty());
}

// After a disk error a file system may become read-only. The policy can still be read from it, so
// the host boots with its policy.
TEST_F(StateTest, ADirectoryThatIsReadOnlyIsRead) {
  if (unshare(CLONE_NEWNS) != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  v1::Push push;
  push.set_revision(7);
  ASSERT_TRUE(StateDirectory::Open(directory_)->WriteGood(push).ok());
  const char* path = directory_.c_str();
  ASSERT_EQ(mount(path, path, nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), 0);
  {
    const absl::StatusOr<StateDirectory> state = StateDirectory::Open(directory_);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->ReadGood()->revision(), 7u);
    EXPECT_FALSE(StateDirectory::Open(directory_).ok()) << "it is locked all the same";
  }
  EXPECT_EQ(umount(path), 0);
}

}  // namespace
}  // namespace firebreak::agent
