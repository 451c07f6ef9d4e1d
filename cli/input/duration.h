// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_DURATION_H_
#define FIREBREAK_CLI_INPUT_DURATION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// Parses "30s", "5m", "1h30m", "7d": whole or decimal numbers, each with its unit (d, h, m, s, ms).
// InvalidArgument if the text has another form, or the duration is not positive and finite.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_DURATION_H_
