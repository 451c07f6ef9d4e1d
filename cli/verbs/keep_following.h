// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_
#define FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "cli/connection/connection.h"
#include "cli/verbs/invocation.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {

// Makes a call that has no end of its own, and repeats it whenever the connection to the controller
// is lost. Waits for the controller to come back, and says so on stderr, once for each loss. A
// controller that cannot be reached at the beginning is an error.
//
// `start` begins a call with the given context, at the place where the previous call ended; `show`
// is called for each part. Returns when a call ends for another reason than a lost connection, or
// when the output cannot be written any longer.
template <typename Part>
absl::Status KeepFollowing(
    Invocation& invocation,
    absl::FunctionRef<std::unique_ptr<grpc::ClientReader<Part>>(Connection&, grpc::ClientContext&)>
        start,
    absl::FunctionRef<void(const Part&)> show);

// The part of KeepFollowing that does not depend on the type. `follow` makes one call until its
// end, and sets `came` if any part arrived.
absl::Status CallUntilItEnds(
    Invocation& invocation,
    absl::FunctionRef<grpc::Status(Connection&, grpc::ClientContext& call, bool& came)> follow);

template <typename Part>
absl::Status KeepFollowing(
    Invocation& invocation,
    absl::FunctionRef<std::unique_ptr<grpc::ClientReader<Part>>(Connection&, grpc::ClientContext&)>
        start,
    absl::FunctionRef<void(const Part&)> show) {
  return CallUntilItEnds(invocation,
                         [&](Connection& connection, grpc::ClientContext& call, bool& came) {
                           const auto reader = start(connection, call);
                           Part part;
                           while (invocation.out() && reader->Read(&part)) {
                             came = true;
                             show(part);
                           }
                           if (!invocation.out()) call.TryCancel();
                           return reader->Finish();
                         });
}

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_
