// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/instances.h"

#include <gtest/gtest.h>

#include <random>

namespace firebreak::controller {
namespace {

using Verdict = Instances::Verdict;

TEST(Instances, AnAgentThatIsRestartedTakesItsOwnPlace) {
  Instances instances;
  EXPECT_EQ(instances.OnHello("web1", 1, {}), Verdict::kLetIn);
  EXPECT_EQ(instances.OnHello("web1", 1, 1), Verdict::kLetIn);  // the agent has lost its connection
  // The agent restarts, and the end of its old connection is noticed only later.
  EXPECT_EQ(instances.OnHello("web1", 2, 1), Verdict::kLetIn);
  for (uint64_t run = 3; run < 100; ++run) {
    EXPECT_EQ(instances.OnHello("web1", run, run - 1), Verdict::kLetIn) << run;
  }
  EXPECT_EQ(instances.OnHello("web2", 1, {}), Verdict::kLetIn);
}

TEST(Instances, AMachineThatComesBackAfterAnotherWasThereIsOneOfTwo) {
  Instances instances;
  EXPECT_EQ(instances.OnHello("web1", 1, {}), Verdict::kLetIn);
  EXPECT_EQ(instances.OnHello("web1", 2, 1), Verdict::kLetIn);  // the copy connects
  EXPECT_EQ(instances.OnHello("web1", 1, 2), Verdict::kLetInAsFirst);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(instances.OnHello("web1", 2, 1), Verdict::kRefuse);
  // The first machine is switched off, and on again later.
  EXPECT_EQ(instances.OnHello("web1", 2, {}), Verdict::kLetIn);
  EXPECT_EQ(instances.OnHello("web1", 1, 2), Verdict::kLetInAsFirst);
}

TEST(Instances, AgentsWithoutANumberTakeEachOthersPlace) {
  Instances instances;
  EXPECT_EQ(instances.OnHello("web1", 0, {}), Verdict::kLetIn);
  EXPECT_EQ(instances.OnHello("web1", 0, 0), Verdict::kLetIn);
  EXPECT_EQ(instances.OnHello("web1", 1, 0), Verdict::kLetIn);
  EXPECT_EQ(instances.OnHello("web1", 0, 1), Verdict::kLetIn);
}

// However many copies run and in whatever order they connect, one of them stays connected in the
// end.
TEST(Instances, AnyNumberOfCopiesComesToRest) {
  std::mt19937 random(5);
  for (int copies = 2; copies <= 8; ++copies) {
    Instances instances;
    std::optional<uint64_t> connected;
    int changes = 0;
    for (int i = 0; i < 1000; ++i) {
      const uint64_t instance = 1 + random() % static_cast<unsigned>(copies);
      if (instance == connected) continue;  // a connected instance does not say hello again
      if (instances.OnHello("web1", instance, connected) == Verdict::kRefuse) continue;
      connected = instance;
      changes = i < 500 ? changes : changes + 1;
    }
    EXPECT_EQ(changes, 0) << copies;
  }
}

}  // namespace
}  // namespace firebreak::controller
