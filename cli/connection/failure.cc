// SPDX-License-Identifier: Apache-2.0
#include "cli/connection/failure.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace firebreak::cli {
namespace {

constexpr char kProblemsUrl[] = "type.googleapis.com/firebreak.v1.Problems";

std::string Explain(const grpc::Status& status, absl::string_view address, bool answered) {
  const std::string& said = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      if (answered) return said;
      return absl::StrCat(
          "cannot reach the controller at ", address, ": ", said,
          "\ncheck that it runs, that the context is of this controller and has its "
          "address, and that nothing on the way blocks it");
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::StrCat("the controller at ", address, " did not answer in time: ", said,
                          "\ncheck that it runs and that nothing on the way blocks it");
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return absl::StrCat("the controller at ", address, " does not permit this: ", said,
                          "\ncheck that the context is an administrator's, of this controller, "
                          "and not expired");
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::StrCat("the controller at ", address, " does not know this request: ", said,
                          "\ncompare the versions with `firebreak version`");
    default: return said;
  }
}

}  // namespace

absl::Status FailureOf(const grpc::Status& status, absl::string_view address, bool answered) {
  if (status.ok()) return absl::OkStatus();
  // gRPC and Abseil use the same numbers for status codes.
  absl::Status failure(static_cast<absl::StatusCode>(status.error_code()),
                       Explain(status, address, answered));
  if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT &&
      !status.error_details().empty()) {
    failure.SetPayload(kProblemsUrl, absl::Cord(status.error_details()));
  }
  return failure;
}

absl::Status FailureWith(const v1::Problems& problems) {
  absl::Status failure = absl::InvalidArgumentError("not valid");
  failure.SetPayload(kProblemsUrl, absl::Cord(problems.SerializeAsString()));
  return failure;
}

std::optional<v1::Problems> ProblemsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kProblemsUrl);
  if (!payload.has_value()) return std::nullopt;
  v1::Problems problems;
  if (!problems.ParseFromString(std::string(*payload)) || problems.items().empty()) {
    return std::nullopt;
  }
  return problems;
}

}  // namespace firebreak::cli
