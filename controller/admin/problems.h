#ifndef FIREBREAK_CONTROLLER_ADMIN_PROBLEMS_H_
#define FIREBREAK_CONTROLLER_ADMIN_PROBLEMS_H_

#include <grpcpp/support/status.h>

#include <span>

#include "absl/status/status.h"
#include "policy/resources/problem.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {

// A status travels in metadata, twice: percent-encoded, three bytes for one, and as base64. An
// answer with more of it than the client takes is lost whole, so what does not fit is counted in a
// last problem.
inline constexpr size_t kMaxProblemBytes = kMaxMetadataBytes / 5;

// InvalidArgument that carries all problems: readable in the message, and as v1::Problems in a
// payload, which ToGrpcWithProblems hands to the client.
absl::Status ProblemsStatus(std::span<const policy::Problem> problems);

// With the v1::Problems in error_details, if the status carries some.
grpc::Status ToGrpcWithProblems(const absl::Status& status);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_PROBLEMS_H_
