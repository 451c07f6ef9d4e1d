// SPDX-License-Identifier: Apache-2.0
#include "cli/input/label.h"

#include "absl/strings/str_cat.h"
#include "base/text/escape.h"

namespace firebreak::cli {

absl::StatusOr<std::map<std::string, std::string>> ParseLabels(
    const std::vector<std::string>& labels) {
  std::map<std::string, std::string> parsed;
  for (const std::string& label : labels) {
    const size_t equals = label.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", Escape(label), "' is not a label; write key=value, as in role=web"));
    }
    const std::string key = label.substr(0, equals);
    if (!parsed.emplace(key, label.substr(equals + 1)).second) {
      return absl::InvalidArgumentError(absl::StrCat("label '", Escape(key), "' is given twice"));
    }
  }
  return parsed;
}

}  // namespace firebreak::cli
