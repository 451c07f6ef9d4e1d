#ifndef FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_
#define FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_

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
// `follow` makes the call with this context, shows what comes, sets `came` if anything did, and
// returns how it ended. Returns when that is not by the controller's going, or when nobody reads
// what is shown any more.
absl::Status KeepFollowing(
    Session& session,
    absl::FunctionRef<grpc::Status(Connection&, grpc::ClientContext& call, bool& came)> follow);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_KEEP_FOLLOWING_H_
