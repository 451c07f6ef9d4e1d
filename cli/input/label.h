// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_LABEL_H_
#define FIREBREAK_CLI_INPUT_LABEL_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::cli {

// Parses labels of the form "key=value"; the value may be empty and may contain "=".
// InvalidArgument for another form or a key given twice. The controller checks which characters
// keys and values contain.
absl::StatusOr<std::map<std::string, std::string>> ParseLabels(
    const std::vector<std::string>& labels);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_LABEL_H_
