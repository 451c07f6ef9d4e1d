#ifndef FIREBREAK_CLI_ASK_ASK_H_
#define FIREBREAK_CLI_ASK_ASK_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/connection/connection.h"
#include "cli/verbs/session.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

inline constexpr absl::Duration kAnswerTimeout = absl::Seconds(20);

using OnPart = absl::FunctionRef<absl::Status(const v1::Answer&)>;

// Asks a host and calls `part` for each part of its answer, as it comes; an error of `part` ends it
// and is returned. With --local it is this host's agent that is asked, and `host` is empty.
// Aborted: the host says why there is no answer, is offline, or does not answer in time.
// Unavailable: the controller, or with --local this host's agent, is out of reach.
absl::Status Ask(Session& session, const std::string& host, const v1::Question& question,
                 absl::Duration timeout, OnPart part);

// The same through the controller, of use where several threads share the connection.
absl::Status AskThrough(Connection& connection, const std::string& host,
                        const v1::Question& question, absl::Duration timeout, OnPart part);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_ASK_ASK_H_
