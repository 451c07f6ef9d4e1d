// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/own_log.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "base/backoff/backoff.h"
#include "base/status/status.h"
#include "cli/ask/ask.h"
#include "cli/verbs/log_policies.h"
#include "cli/verbs/record_printer.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {
namespace {

// The host ends its answer before this time, and is then asked to continue.
constexpr absl::Duration kFollowedAtATime = absl::Minutes(50);
constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(10);

// Asks, and stores in the question where the answer ended.
absl::Status AskOn(Invocation& invocation, const std::string& host, v1::Question& question,
                   absl::Duration timeout, RecordPrinter& printer) {
  return Ask(invocation, host, question, timeout, [&](const v1::Answer& part) {
    if (question.logs().filter().terms_size() > 0 && !part.logs().terms_met()) {
      return absl::FailedPreconditionError(
          "the host's agent is older than this firebreak and does not support these filters; "
          "update the agent");
    }
    printer.Print(part.logs().records());
    if (!part.logs().position().empty()) {
      question.mutable_logs()->set_after(part.logs().position());
    }
    return invocation.out() ? absl::OkStatus() : absl::CancelledError("nobody reads");
  });
}

bool WorthWaitingFor(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDataLoss(status) ||
         absl::IsDeadlineExceeded(status);
}

absl::Status Follow(Invocation& invocation, const std::string& host, v1::Question& question,
                    RecordPrinter& printer) {
  question.mutable_logs()->set_follow(true);
  Backoff backoff(kFirstPause, kLongestPause);
  absl::BitGen random;
  for (bool told = false;;) {
    const std::string before = question.logs().after();
    const absl::Status status = AskOn(invocation, host, question, kFollowedAtATime, printer);
    if (!invocation.out()) return absl::OkStatus();  // main reports the failed output
    if (question.logs().after() != before) {
      told = false;
      backoff.Reset();
    }
    if (status.ok()) continue;
    if (!WorthWaitingFor(status)) return status;
    if (!told) {
      invocation.err() << "firebreak: the connection to the agent is lost; the output continues "
                          "when it is back\n";
      invocation.err().flush();
    }
    told = true;
    absl::SleepFor(backoff.Next(random));
  }
}

}  // namespace

absl::Status ShowOwnLog(Invocation& invocation, const std::string& host, const LogOptions& options,
                        absl::Duration timeout) {
  v1::Question question;
  v1::LogsQuestion& logs = *question.mutable_logs();
  *logs.mutable_filter() = options.filter;
  RecordPrinter printer(invocation, {.endless = options.follow, .zone = options.zone});
  if (!options.follow || options.LastToFollow() > 0) {
    logs.set_last(options.follow ? options.LastToFollow() : options.LastOfSearch());
    const absl::Status found = AskOn(invocation, host, question, timeout, printer);
    if (!invocation.out()) return absl::OkStatus();  // main reports the failed output
    if (!found.ok()) return found;
  }
  if (options.follow) return Follow(invocation, host, question, printer);
  if (printer.printed() == 0 && !host.empty()) {
    RETURN_IF_ERROR(CheckPolicies(invocation, options));
  }
  return printer.End();
}

}  // namespace firebreak::cli
