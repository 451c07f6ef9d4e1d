// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_UNIFIED_DIFF_H_
#define FIREBREAK_CLI_OUTPUT_UNIFIED_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::cli {

// Converts the diff of a whole text (each line preceded by "+", "-" or " ", as in v1::Change.diff)
// to the unified format: only changes with `context` lines around them, below "@@ -first,count
// +first,count @@". The result is escaped and lacks the two lines that name the files.
std::string UnifiedDiff(absl::string_view diff, bool colours, int context = 3);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_UNIFIED_DIFF_H_
