// SPDX-License-Identifier: Apache-2.0
#include "base/time/timestamp.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(TimestampTest, GoesThereAndBack) {
  for (const absl::Time time :
       {absl::UnixEpoch(), absl::FromUnixNanos(1'795'262'400'123'456'789), absl::FromUnixNanos(-1),
        absl::FromUnixSeconds(-62'135'596'800), absl::FromUnixSeconds(253'402'300'799)}) {
    const google::protobuf::Timestamp timestamp = ToTimestamp(time);
    EXPECT_GE(timestamp.nanos(), 0);
    EXPECT_LT(timestamp.nanos(), 1'000'000'000);
    EXPECT_EQ(FromTimestamp(timestamp), time);
  }
}

}  // namespace
}  // namespace firebreak
