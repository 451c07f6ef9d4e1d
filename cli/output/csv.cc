// SPDX-License-Identifier: Apache-2.0
#include "cli/output/csv.h"

#include <algorithm>

namespace firebreak::cli {
namespace {

// Loops over the bytes, because exports call this for millions of short texts, for which
// find_first_of is slow.
bool NeedsQuotes(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char letter) {
    return letter == '"' || letter == ',' || letter == '\n' || letter == '\r';
  });
}

}  // namespace

void AppendCsvField(absl::string_view text, std::string& out) {
  if (!NeedsQuotes(text)) {
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
