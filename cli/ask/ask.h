// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_ASK_ASK_H_
#define FIREBREAK_CLI_ASK_ASK_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/connection/connection.h"
#include "cli/verbs/invocation.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

inline constexpr absl::Duration kAnswerTimeout = absl::Seconds(20);

using OnPart = absl::FunctionRef<absl::Status(const v1::Answer&)>;

// Asks a host, and calls `part` for each part of its answer as it arrives; an error returned by
// `part` ends the call and is returned. With --local this host's agent is asked, and `host` is
// empty. Aborted: the host refuses to answer and says why, is offline, or does not answer in time.
// Unavailable: the controller, or with --local this host's agent, cannot be reached.
absl::Status Ask(Invocation& invocation, const std::string& host, const v1::Question& question,
                 absl::Duration timeout, OnPart part);

// Like Ask, but always through the controller; for callers whose threads share a connection.
absl::Status AskThrough(Connection& connection, const std::string& host,
                        const v1::Question& question, absl::Duration timeout, OnPart part);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_ASK_ASK_H_
