// SPDX-License-Identifier: Apache-2.0
#include "controller/hosts/refused_hosts.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(RefusedHosts, TellsOfAnOfflineHostForAsLongAsItIsNotLetIn) {
  RefusedHosts refused;
  refused.Refused("web1", "revoked", "192.0.2.1:1000", kNow);
  refused.Refused("web1", "expired", "192.0.2.1:1001", kNow + absl::Seconds(30));
  const auto found = refused.Find("web1", /*online=*/false, kNow + absl::Hours(3));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->reason, "expired");
  EXPECT_EQ(found->address, "192.0.2.1:1001");
  EXPECT_EQ(found->at, kNow + absl::Seconds(30));
  EXPECT_EQ(found->times, 2u);
  EXPECT_FALSE(refused.Find("web2", false, kNow).has_value());
  refused.LetIn("web1", "192.0.2.1:1002");
  EXPECT_FALSE(refused.Find("web1", false, kNow + absl::Hours(3)).has_value());
}

TEST(RefusedHosts, TellsOfASecondMachineWhileItTriesThoughTheFirstIsOnline) {
  RefusedHosts refused;
  refused.Refused("web1", "older", "192.0.2.2:1000", kNow);
  refused.LetIn("web1", "192.0.2.1:1000");
  EXPECT_TRUE(refused.Find("web1", true, kNow + absl::Minutes(1)).has_value());
  EXPECT_FALSE(refused.Find("web1", true, kNow + absl::Minutes(5)).has_value());
}

TEST(RefusedHosts, KeepsABoundedNumber) {
  RefusedHosts refused;
  for (size_t i = 0; i < RefusedHosts::kMaxHosts; ++i) {
    refused.Refused("host" + std::to_string(i), "x", "192.0.2.1:1", kNow);
  }
  refused.Refused("more", "x", "192.0.2.1:1", kNow);
  EXPECT_FALSE(refused.Find("more", false, kNow).has_value());
  refused.Refused("host7", "y", "192.0.2.1:1", kNow);
  EXPECT_EQ(refused.Find("host7", false, kNow)->reason, "y");
}

}  // namespace
}  // namespace firebreak::controller
