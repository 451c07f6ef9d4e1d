// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_status.h"

namespace firebreak::cli {

ExitStatus ExitStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk: return ExitStatus::kDone;
    case absl::StatusCode::kInvalidArgument: return ExitStatus::kInvalid;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied: return ExitStatus::kUnreachable;
    default: return ExitStatus::kFailed;
  }
}

}  // namespace firebreak::cli
