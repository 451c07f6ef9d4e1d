// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_CHANGES_H_
#define FIREBREAK_CLI_VIEW_CHANGES_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// Returns "revision 12" and a line for each resource that changed, or "revision 12: no change".
std::string ChangeSummary(const v1::ApplyResponse& response, bool colours);

// Returns a line for each warning, in the form of an error.
std::string WarningLines(const google::protobuf::RepeatedPtrField<v1::Problem>& warnings);

// Returns the changes as unified diffs, then a line that counts them and the hosts concerned.
std::string DiffPage(const v1::DiffResponse& response, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_CHANGES_H_
