// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_GRPC_STATUS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace firebreak::controller {

// Abseil and gRPC have the same status codes.
inline grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_GRPC_STATUS_H_
