// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/unit_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace firebreak::policy {
namespace {

using testing::HasSubstr;

TEST(UnitName, OfWhatRunsPrograms) {
  for (const char* name :
       {"chrony.service", "user.slice", "session-3.scope", "getty@tty1.service",
        "systemd-fsck@dev-disk-by\\x2duuid-1.service", "a:b_c.d.service", "dev-sda1.swap"}) {
    EXPECT_TRUE(CheckUnitName(name).ok()) << name;
  }
}

TEST(UnitName, IsRefusedWithTheReasonAndTheNearestRightWord) {
  const auto reason = [](const std::string& name) {
    const absl::Status status = CheckUnitName(name);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name;
    return std::string(status.message());
  };
  EXPECT_THAT(reason("chrony"), HasSubstr("did you mean \"chrony.service\"?"));
  EXPECT_THAT(reason("apt.timer"), HasSubstr("name the service that it starts"));
  EXPECT_THAT(reason("getty@.service"), HasSubstr("\"getty@1.service\""));
  EXPECT_THAT(reason("-.slice"), HasSubstr("all programs"));
  EXPECT_THAT(reason(".service"), HasSubstr("a name is missing"));
  EXPECT_THAT(reason("..service"), HasSubstr("a name is missing"));
  EXPECT_THAT(reason("../../etc.service"), HasSubstr("letters"));
  EXPECT_THAT(reason("a b.service"), HasSubstr("letters"));
  EXPECT_THAT(reason(""), HasSubstr("letters"));
  EXPECT_THAT(reason(std::string(300, 'a') + ".service"), HasSubstr("255"));
}

}  // namespace
}  // namespace firebreak::policy
