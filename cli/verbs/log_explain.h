// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOG_EXPLAIN_H_
#define FIREBREAK_CLI_VERBS_LOG_EXPLAIN_H_

#include <cstdint>

#include "absl/status/status.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/log_options.h"

namespace firebreak::cli {

// The most records that are explained at once, because the host is asked about each.
inline constexpr uint32_t kMostExplained = 1000;

inline constexpr uint32_t kExplainedUnlessTold = 10;

// Searches the fleet's log and prints, for each record that is found, why it was made and what its
// host would do with such a packet now. Formats: table, json, jsonl.
absl::Status ExplainRecords(Invocation& invocation, const LogOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_EXPLAIN_H_
