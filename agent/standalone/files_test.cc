// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "agent/standalone/policy_files.h"
#include "agent/standalone/policy_watch.h"
#include "agent/standalone/standalone_history.h"
#include "base/testing/temporary_directory.h"

namespace firebreak::agent {
namespace {

using v1::StandaloneRevision;

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(PolicyFiles, ReadsADirectoryByName) {
  const TemporaryDirectory directory;
  Write(directory.path() + "/b.yaml", "b");
  Write(directory.path() + "/a.json", "a");
  Write(directory.path() + "/.hidden.yaml", "no");
  Write(directory.path() + "/notes.txt", "no");
  const auto files = ReadPolicyFiles({directory.path()});
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].text, "a");
  EXPECT_EQ((*files)[1].text, "b");
  EXPECT_NE(DigestOf(*files), DigestOf({(*files)[0]}));
}

TEST(PolicyFiles, RefusesWhatIsNoFileWithoutWaitingForIt) {
  const TemporaryDirectory directory;
  const std::string pipe = directory.path() + "/p.yaml";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(ReadPolicyFiles({pipe}).ok());
  EXPECT_FALSE(ReadPolicyFiles({directory.path() + "/missing.yaml"}).ok());
  Write(directory.path() + "/big.yaml", std::string(kMaxPolicyBytes + 1, '#'));
  EXPECT_TRUE(
      absl::IsResourceExhausted(ReadPolicyFiles({directory.path() + "/big.yaml"}).status()));
}

TEST(PolicyWatch, TellsOfAFileThatAnotherTakesThePlaceOf) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/p.yaml";
  Write(file, "a");
  EventLoop loop;
  const PolicyWatch watch({file}, loop, [&] { loop.Stop(); });
  Write(file + ".new", "b");
  std::filesystem::rename(file + ".new", file);
  loop.Run();
}

v1::Resource Group(const std::string& name) {
  v1::Resource resource;
  resource.mutable_group()->set_name(name);
  return resource;
}

TEST(StandaloneHistory, IsThereAfterARestart) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/revisions";
  policy::Configuration one, two;
  one.Put(Group("one"));
  two.Put(Group("two"));
  {
    StandaloneHistory history(path);
    EXPECT_EQ(*history.Add({}, one, 0), 1u);
    history.Settle(1, StandaloneRevision::good, "");
    EXPECT_EQ(*history.Add({}, two, 41), 42u) << "higher than what is in force";
    history.Settle(42, StandaloneRevision::undone, "nobody confirmed it");
    history.Settle(42, StandaloneRevision::good, "");
    history.SetFiles("d", 1);
  }
  const StandaloneHistory history(path);
  EXPECT_EQ(history.all().files_digest(), "d");
  EXPECT_EQ(history.Find(1)->about().digest(), "d");
  ASSERT_NE(history.Find(42), nullptr);
  EXPECT_EQ(history.Find(42)->standing(), StandaloneRevision::undone);
  ASSERT_NE(history.GoodBefore(100), nullptr);
  EXPECT_TRUE(ConfigurationOf(*history.GoodBefore(100)) == one);
  EXPECT_EQ(history.GoodBefore(1), nullptr);
}

TEST(StandaloneHistory, KeepsTheNewestGoodRevisionHoweverManyFollow) {
  const TemporaryDirectory directory;
  StandaloneHistory history(directory.path() + "/revisions");
  policy::Configuration configuration;
  configuration.Put(Group("g"));
  ASSERT_TRUE(history.Add({}, configuration, 0).ok());
  history.Settle(1, StandaloneRevision::good, "");
  for (int i = 0; i < 2 * StandaloneHistory::kMaxRevisions; ++i) {
    const auto number = history.Add({}, configuration, 0);
    ASSERT_TRUE(number.ok());
    history.Settle(*number, StandaloneRevision::undone, "no");
  }
  EXPECT_EQ(history.all().items_size(), StandaloneHistory::kMaxRevisions);
  EXPECT_NE(history.Find(1), nullptr);
}

}  // namespace
}  // namespace firebreak::agent
