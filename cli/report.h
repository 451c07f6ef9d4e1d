// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_REPORT_H_
#define FIREBREAK_CLI_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "firebreak/v1/report.pb.h"

namespace firebreak::cli {

// Returns the text for the standard error about a status that is not OK; each line is ended. Lists
// the problems that the status carries (cli/connection/failure.h) as FILE:LINE: REASON, in their
// order. Escaped.
std::string Report(const absl::Status& status);

// Like Report, but returns data.
v1::ErrorReport ReportMessage(const absl::Status& status);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REPORT_H_
