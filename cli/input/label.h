#ifndef FIREBREAK_CLI_INPUT_LABEL_H_
#define FIREBREAK_CLI_INPUT_LABEL_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::cli {

// Each "key=value"; the value may be empty and may contain "=". A key given twice is refused, as
// is anything else with InvalidArgument. What keys and values may consist of, the controller says.
absl::StatusOr<std::map<std::string, std::string>> ParseLabels(
    const std::vector<std::string>& labels);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_LABEL_H_
