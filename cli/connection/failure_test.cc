// SPDX-License-Identifier: Apache-2.0
#include "cli/connection/failure.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string MessageOf(grpc::StatusCode code, bool answered) {
  return std::string(FailureOf(grpc::Status(code, "reason"), "10.0.0.1:7443", answered).message());
}

TEST(FailureOf, NamesTheControllerAndTheNextStep) {
  EXPECT_THAT(MessageOf(grpc::StatusCode::UNAVAILABLE, false),
              HasSubstr("cannot reach the controller at 10.0.0.1:7443: reason\ncheck that"));
  EXPECT_THAT(MessageOf(grpc::StatusCode::PERMISSION_DENIED, true),
              HasSubstr("10.0.0.1:7443 does not permit this: reason"));
  EXPECT_THAT(MessageOf(grpc::StatusCode::DEADLINE_EXCEEDED, true),
              HasSubstr("10.0.0.1:7443 did not answer in time"));
}

TEST(FailureOf, AHostOutOfReachIsNotTheControllerOutOfReach) {
  EXPECT_EQ(MessageOf(grpc::StatusCode::UNAVAILABLE, true), "reason");
}

TEST(FailureOf, KeepsCodes) {
  EXPECT_TRUE(FailureOf(grpc::Status::OK, "c", true).ok());
  EXPECT_EQ(FailureOf({grpc::StatusCode::NOT_FOUND, "x"}, "c", true).code(),
            absl::StatusCode::kNotFound);
}

TEST(ProblemsOf, OnlyWhatIsCarried) {
  v1::Problems problems;
  problems.add_items()->set_reason("bad");
  const absl::Status with =
      FailureOf({grpc::StatusCode::INVALID_ARGUMENT, "x", problems.SerializeAsString()}, "c", true);
  ASSERT_TRUE(ProblemsOf(with).has_value());
  EXPECT_EQ(ProblemsOf(with)->items(0).reason(), "bad");
  EXPECT_FALSE(ProblemsOf(absl::InvalidArgumentError("x")).has_value());
  EXPECT_FALSE(
      ProblemsOf(FailureOf({grpc::StatusCode::INVALID_ARGUMENT, "x", "\xff\xff"}, "c", true))
          .has_value())
      << "details that are none";
}

}  // namespace
}  // namespace firebreak::cli
