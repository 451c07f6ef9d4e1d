// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_PROBLEMS_H_
#define FIREBREAK_CONTROLLER_ADMIN_PROBLEMS_H_

#include <grpcpp/support/status.h>

#include <span>

#include "absl/status/status.h"
#include "policy/resources/problem.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {

// A status travels in metadata twice: percent-encoded, at up to three bytes for each byte, and as
// base64. If the metadata is larger than the client accepts, the whole answer is lost. So problems
// that do not fit are counted in a last problem.
inline constexpr size_t kMaxProblemBytes = kMaxMetadataBytes / 5;

// Returns InvalidArgument with all problems, readable in the message, and as v1::Problems in a
// payload, which ToGrpcWithProblems passes to the client.
absl::Status ProblemsStatus(std::span<const policy::Problem> problems);

// Converts the status; a v1::Problems payload goes into error_details.
grpc::Status ToGrpcWithProblems(const absl::Status& status);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_PROBLEMS_H_
