#ifndef FIREBREAK_CLI_OUTPUT_UNIFIED_DIFF_H_
#define FIREBREAK_CLI_OUTPUT_UNIFIED_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::cli {

// What a whole text's diff ("+", "-" or " " in front of each line, as in v1::Change.diff) looks
// like in the unified format: only what changes and `context` lines around it, below
// "@@ -first,count +first,count @@". Escaped; without the two lines that name the files.
std::string UnifiedDiff(absl::string_view diff, bool colours, int context = 3);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_UNIFIED_DIFF_H_
