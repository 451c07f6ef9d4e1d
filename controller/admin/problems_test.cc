// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

v1::Problems Carried(const grpc::Status& status) {
  v1::Problems problems;
  EXPECT_TRUE(problems.ParseFromString(status.error_details()));
  return problems;
}

TEST(Problems, AreCarriedAndReadable) {
  const std::vector<policy::Problem> problems = {{"a.yaml", 3, "unknown field"},
                                                 {"b.yaml", 0, "too large"}};
  const grpc::Status status = ToGrpcWithProblems(ProblemsStatus(problems));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "2 problems\na.yaml:3: unknown field\nb.yaml: too large");
  const v1::Problems carried = Carried(status);
  ASSERT_EQ(carried.items_size(), 2);
  EXPECT_EQ(carried.items(0).line(), 3u);
  EXPECT_EQ(carried.items(1).reason(), "too large");
}

TEST(Problems, FitIntoTheMetadataThatClientsTake) {
  std::vector<policy::Problem> problems;
  for (uint32_t i = 1; i <= 5000; ++i) {
    problems.push_back({"file.yaml", i, std::string(i % 700, i % 2 == 0 ? 'x' : '\n')});
  }
  problems[0].reason = std::string(10'000, 'y');
  const grpc::Status status = ToGrpcWithProblems(ProblemsStatus(problems));
  EXPECT_LT(status.error_details().size() / 3 * 4 + status.error_message().size() * 3,
            size_t{kMaxMetadataBytes});
  const v1::Problems carried = Carried(status);
  EXPECT_THAT(carried.items(carried.items_size() - 1).reason(),
              HasSubstr(absl::StrCat("and ", 5000 - (carried.items_size() - 1), " more")));
}

TEST(Problems, OtherStatusesPassAsTheyAre) {
  const grpc::Status status = ToGrpcWithProblems(absl::NotFoundError("no host x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no host x");
  EXPECT_TRUE(status.error_details().empty());
}

}  // namespace
}  // namespace firebreak::controller
