// SPDX-License-Identifier: Apache-2.0
#include "base/status/status.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/status/errno.h"

namespace firebreak {
namespace {

absl::Status First(absl::Status status, bool& went_on) {
  RETURN_IF_ERROR(std::move(status));
  went_on = true;
  return absl::OkStatus();
}

TEST(ReturnIfError, ReturnsOnlyAnError) {
  bool went_on = false;
  EXPECT_EQ(First(absl::NotFoundError("no"), went_on), absl::NotFoundError("no"));
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(First(absl::OkStatus(), went_on).ok());
  EXPECT_TRUE(went_on);
}

absl::StatusOr<int> Sum(absl::StatusOr<std::unique_ptr<int>> a, absl::StatusOr<int> b) {
  ASSIGN_OR_RETURN(const std::unique_ptr<int> first, std::move(a));
  int second = 0;
  ASSIGN_OR_RETURN(second, b);
  return *first + second;
}

TEST(AssignOrReturn, MovesTheValueOrReturnsTheError) {
  EXPECT_EQ(*Sum(std::make_unique<int>(2), 3), 5);
  EXPECT_EQ(Sum(absl::DataLossError("cut"), 3).status(), absl::DataLossError("cut"));
  EXPECT_EQ(Sum(std::make_unique<int>(2), absl::AbortedError("b")).status(),
            absl::AbortedError("b"));
}

TEST(ErrnoStatus, NamesTheOperationTheObjectAndTheReason) {
  ASSERT_EQ(open("/nowhere/at/all", O_RDONLY), -1);
  EXPECT_EQ(ErrnoStatus("open", "/nowhere/at/all"),
            absl::NotFoundError("open /nowhere/at/all: No such file or directory"));
}

}  // namespace
}  // namespace firebreak
