// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/finish_change.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/status.h"
#include "cli/output/progress.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/print.h"
#include "cli/verbs/rollout.h"
#include "cli/view/changes.h"
#include "cli/view/rollout.h"
#include "cli/view/staged_rollout.h"
#include "firebreak/v1/report.pb.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {
namespace {

// The last known state of the rollout, and how the wait ended.
struct Waited {
  v1::Rollout rollout;
  bool timed_out = false;
};

absl::StatusOr<Waited> Wait(Invocation& invocation, uint64_t revision, absl::Duration timeout) {
  ASSIGN_OR_RETURN(Connection * connection, invocation.Connect());
  v1::WatchRolloutRequest request;
  request.set_revision(revision);
  grpc::ClientContext call;
  call.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  const auto reader = connection->admin().WatchRollout(&call, request);
  Waited waited;
  waited.rollout.set_revision(revision);
  {
    Progress progress(invocation.err(), invocation.err_terminal(), [] { return absl::Now(); });
    v1::Rollout next;
    while (!waited.rollout.done() && reader->Read(&next)) {
      waited.rollout.Swap(&next);
      progress.Show(RolloutLine(waited.rollout));
    }
  }
  if (waited.rollout.done()) call.TryCancel();
  const grpc::Status status = reader->Finish();
  if (waited.rollout.done()) return waited;
  waited.timed_out = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (waited.timed_out) return waited;
  const absl::Status failure =
      status.ok()
          ? absl::InternalError("the controller ended the connection before the hosts had answered")
          : connection->Failure(status);
  return absl::Status(failure.code(), absl::StrCat("revision ", revision,
                                                   " is stored, but waiting for the hosts failed: ",
                                                   failure.message()));
}

}  // namespace

void AddWait(Verb verb, WaitOptions& options) {
  verb.AddFlag("--wait", options.wait,
               "wait until every affected host that is online has sent its receipt; the exit "
               "status is 1, and the hosts are named, if a host refused or undid the revision, is "
               "offline, or has not answered in time");
  AddTimeout(verb, options);
}

void AddTimeout(Verb verb, WaitOptions& options) {
  AddDuration(verb, "--timeout", options.timeout, absl::Milliseconds(1), absl::Hours(24),
              "how long to wait for the hosts; does not apply to a rollout in waves, which is "
              "followed until it ends or needs a decision");
}

FinishedChange AwaitChange(Invocation& invocation, const v1::ApplyResponse& response,
                           const WaitOptions& options) {
  FinishedChange change;
  change.report.set_revision(response.revision());
  change.report.set_changed(response.changed());
  *change.report.mutable_changes() = response.changes();
  *change.report.mutable_warnings() = response.warnings();
  if (invocation.format() == Format::kTable) {
    invocation.out() << ChangeSummary(response, invocation.colours()) << std::flush;
  }
  invocation.err() << WarningLines(response.warnings()) << std::flush;
  if (response.has_rollout()) {
    *change.report.mutable_staged_rollout() = response.rollout();
    invocation.err() << WavesLine(response.rollout()) << std::flush;
    if (!options.wait) return change;
    const absl::StatusOr<v1::StagedRollout> ended = FollowRollout(invocation);
    change.outcome = ended.ok() ? StagedRolloutOutcome(*ended) : ended.status();
    if (ended.ok()) *change.report.mutable_staged_rollout() = *ended;
    return change;
  }
  if (options.wait) {
    const absl::StatusOr<Waited> waited = Wait(invocation, response.revision(), options.timeout);
    change.outcome = waited.ok()
                         ? RolloutOutcome(waited->rollout, waited->timed_out, options.timeout)
                         : waited.status();
    if (waited.ok()) *change.report.mutable_rollout() = waited->rollout;
  }
  return change;
}

absl::Status PrintChange(Invocation& invocation, const FinishedChange& change) {
  if (invocation.format() == Format::kTable) return change.outcome;
  v1::ChangeReport report = change.report;
  report.set_error(std::string(change.outcome.message()));
  PrintData(invocation, report);
  return change.outcome;
}

absl::Status FinishChange(Invocation& invocation, const absl::StatusOr<v1::ApplyResponse>& response,
                          const WaitOptions& options) {
  if (!response.ok()) return response.status();
  return PrintChange(invocation, AwaitChange(invocation, *response, options));
}

}  // namespace firebreak::cli
