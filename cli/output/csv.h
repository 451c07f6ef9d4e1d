// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_CSV_H_
#define FIREBREAK_CLI_OUTPUT_CSV_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::cli {

// Appends the text as a field of a CSV file (RFC 4180), in quotes where it needs them.
void AppendCsvField(absl::string_view text, std::string& out);

std::string CsvField(absl::string_view text);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_CSV_H_
