// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/keep_following.h"

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/backoff/backoff.h"

namespace firebreak::cli {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(10);

}  // namespace

absl::Status CallUntilItEnds(
    Invocation& invocation,
    absl::FunctionRef<grpc::Status(Connection&, grpc::ClientContext& call, bool& came)> follow) {
  absl::StatusOr<Connection*> connection = invocation.Connect();
  if (!connection.ok()) return connection.status();
  Backoff backoff(kFirstPause, kLongestPause);
  absl::BitGen random;
  for (bool told = false;; absl::SleepFor(backoff.Next(random))) {
    grpc::ClientContext call;
    call.set_wait_for_ready((*connection)->reached());
    bool came = false;
    const grpc::Status status = follow(**connection, call, came);
    // main reports a failed output.
    if (!invocation.out() || status.ok()) return absl::OkStatus();
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE || !(*connection)->reached()) {
      return (*connection)->Failure(status);
    }
    if (!told || came) {
      invocation.err() << "firebreak: the connection to the controller is lost; the output "
                          "continues when it is back\n";
      invocation.err().flush();
    }
    told = true;
    if (came) backoff.Reset();
  }
}

}  // namespace firebreak::cli
