#ifndef FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_
#define FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "cli/connection/connection.h"
#include "cli/verbs/session.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {

// Makes a call that has no end of its own, and makes it again whenever the controller has gone: it
// is waited for, and stderr says so, once each time. A controller that is not there to begin with
// is an error.
//
// `start` begins the call with this context, where the one before it ended; `show` gets each part.
// Returns when the call ended otherwise than by the controller's going, or when nobody reads what
// is shown any more.
template <typename Part>
absl::Status KeepFollowing(
    Session& session,
    absl::FunctionRef<std::unique_ptr<grpc::ClientReader<Part>>(Connection&, grpc::ClientContext&)>
        start,
    absl::FunctionRef<void(const Part&)> show);

// What it consists of. `follow` makes one call to its end, and sets `came` if anything did.
absl::Status CallUntilItEnds(
    Session& session,
    absl::FunctionRef<grpc::Status(Connection&, grpc::ClientContext& call, bool& came)> follow);

template <typename Part>
absl::Status KeepFollowing(
    Session& session,
    absl::FunctionRef<std::unique_ptr<grpc::ClientReader<Part>>(Connection&, grpc::ClientContext&)>
        start,
    absl::FunctionRef<void(const Part&)> show) {
  return CallUntilItEnds(session,
                         [&](Connection& connection, grpc::ClientContext& call, bool& came) {
                           const auto reader = start(connection, call);
                           Part part;
                           while (session.out() && reader->Read(&part)) {
                             came = true;
                             show(part);
                           }
                           if (!session.out()) call.TryCancel();
                           return reader->Finish();
                         });
}

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_
