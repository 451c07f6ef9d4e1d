// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_status.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

int NumberFor(absl::StatusCode code) {
  return static_cast<int>(ExitStatusOf(absl::Status(code, "reason")));
}

TEST(ExitStatusOf, TheNumbersThatScriptsRelyOn) {
  EXPECT_EQ(static_cast<int>(ExitStatusOf(absl::OkStatus())), 0);
  EXPECT_EQ(NumberFor(absl::StatusCode::kInvalidArgument), 3);
  EXPECT_EQ(NumberFor(absl::StatusCode::kUnavailable), 4);
  EXPECT_EQ(NumberFor(absl::StatusCode::kDeadlineExceeded), 4);
  EXPECT_EQ(NumberFor(absl::StatusCode::kUnauthenticated), 4);
  EXPECT_EQ(NumberFor(absl::StatusCode::kPermissionDenied), 4);
  for (const absl::StatusCode code :
       {absl::StatusCode::kNotFound, absl::StatusCode::kAborted, absl::StatusCode::kInternal,
        absl::StatusCode::kFailedPrecondition, absl::StatusCode::kResourceExhausted,
        absl::StatusCode::kUnknown, absl::StatusCode::kUnimplemented,
        absl::StatusCode::kDataLoss}) {
    EXPECT_EQ(NumberFor(code), 1) << absl::StatusCodeToString(code);
  }
}

}  // namespace
}  // namespace firebreak::cli
