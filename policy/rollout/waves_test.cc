// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/waves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

using Line = std::vector<std::string>;

// Returns twenty hosts, of which every fifth is a canary.
std::vector<RolloutHost> Fleet() {
  std::vector<RolloutHost> hosts;
  for (int i = 0; i < 20; ++i) {
    hosts.push_back({absl::StrCat("host", i), {{"role", i % 5 == 0 ? "canary" : "web"}}});
  }
  return hosts;
}

class WavesTest : public testing::Test {
 protected:
  WavesTest() : selector_(Groups()) {}

  static Configuration Groups() {
    Configuration configuration;
    v1::Resource canary;
    canary.mutable_group()->set_name("canary");
    (*canary.mutable_group()->mutable_match())["role"] = "canary";
    configuration.Put(canary);
    return configuration;
  }

  const Selector selector_;
};

TEST_F(WavesTest, EachHostIsInOneWaveAndTheLastTakesTheRest) {
  const Waves waves = AssignWaves(DefaultStrategy(), selector_, Fleet());
  EXPECT_EQ(waves.ends, (std::vector<size_t>{1, 2, 10, 20}));
  EXPECT_EQ(std::set<std::string>(waves.line.begin(), waves.line.end()).size(), 20u);
}

TEST_F(WavesTest, WhoComesFirstDoesNotDependOnTheOrderOrOnWhoElseThereIs) {
  std::vector<RolloutHost> hosts = Fleet();
  const Waves waves = AssignWaves(DefaultStrategy(), selector_, hosts);
  std::reverse(hosts.begin(), hosts.end());
  EXPECT_EQ(AssignWaves(DefaultStrategy(), selector_, hosts).line, waves.line);
  std::erase_if(hosts, [&](const RolloutHost& host) { return host.name == waves.line[7]; });
  Line without = waves.line;
  without.erase(without.begin() + 7);
  EXPECT_EQ(AssignWaves(DefaultStrategy(), selector_, hosts).line, without);
}

TEST_F(WavesTest, AGroupGoesFirstIfItsWaveDoes) {
  v1::RolloutStrategy strategy;
  strategy.add_waves()->add_groups("canary");
  strategy.add_waves()->set_percent(100);
  const Waves waves = AssignWaves(strategy, selector_, Fleet());
  EXPECT_EQ(waves.ends, (std::vector<size_t>{4, 20}));
  const std::set<std::string> first(waves.line.begin(), waves.line.begin() + 4);
  EXPECT_EQ(first, (std::set<std::string>{"host0", "host5", "host10", "host15"}));
}

TEST_F(WavesTest, OneHostCanBeNamed) {
  v1::RolloutStrategy strategy;
  strategy.add_waves()->add_groups("host:host7");
  strategy.add_waves()->set_percent(100);
  EXPECT_EQ(AssignWaves(strategy, selector_, Fleet()).line[0], "host7");
}

TEST_F(WavesTest, AShareCountsThoseInFront) {
  v1::RolloutStrategy strategy;
  strategy.add_waves()->add_groups("canary");
  strategy.add_waves()->set_percent(25);
  strategy.add_waves()->set_percent(100);
  EXPECT_EQ(AssignWaves(strategy, selector_, Fleet()).ends, (std::vector<size_t>{4, 5, 20}));
}

TEST_F(WavesTest, WavesOfNobodyAreLeftOut) {
  v1::RolloutStrategy strategy;
  strategy.add_waves()->add_groups("canary");
  strategy.add_waves()->set_percent(20);  // the canaries are 20 percent already
  strategy.add_waves()->set_percent(100);
  EXPECT_EQ(AssignWaves(strategy, selector_, Fleet()).ends, (std::vector<size_t>{4, 20}));
  EXPECT_EQ(AssignWaves(strategy, selector_, {}).ends, (std::vector<size_t>{0}));
}

}  // namespace
}  // namespace firebreak::policy
