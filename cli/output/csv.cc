// SPDX-License-Identifier: Apache-2.0
#include "cli/output/csv.h"

namespace firebreak::cli {

void AppendCsvField(absl::string_view text, std::string& out) {
  if (text.find_first_of("\",\n\r") == absl::string_view::npos) {
    out.append(text.data(), text.size());
    return;
  }
  out.push_back('"');
  for (const char letter : text) {
    if (letter == '"') out.push_back('"');
    out.push_back(letter);
  }
  out.push_back('"');
}

std::string CsvField(absl::string_view text) {
  std::string field;
  AppendCsvField(text, field);
  return field;
}

}  // namespace firebreak::cli
