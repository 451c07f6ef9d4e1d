// SPDX-License-Identifier: Apache-2.0
#include "controller/front/limits.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

TEST(FrontLimits, NeedNoMoreDescriptorsThanThereAre) {
  for (size_t descriptors : {128, 300, 1024, 20'000, 65'536, 524'288}) {
    const FrontLimits limits = LimitsFor(descriptors, 2);
    EXPECT_LE(limits.named + 2 * limits.administrators + limits.strangers, descriptors)
        << descriptors;
    EXPECT_GE(limits.named, 10u) << descriptors;
    EXPECT_GE(limits.of_network, 8u) << descriptors;
  }
}

TEST(FrontLimits, MostAreForMembers) {
  const FrontLimits limits = LimitsFor(65'536, 2);
  EXPECT_GT(limits.named, 60'000u);
  EXPECT_EQ(limits.administrators, 512u);
  EXPECT_EQ(limits.strangers, 4096u);
  EXPECT_EQ(limits.handshakes, 64u);
}

}  // namespace
}  // namespace firebreak::controller
