// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_EDITS_H_
#define FIREBREAK_CLI_VIEW_EDITS_H_

#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::cli {

// Returns the options by which verbs select whom an edit is for: "--host web-1 --interface eth0
// --at corp".
std::string ScopeOf(const v1::Edit& edit);

// Returns the switches among the resources, those with the highest precedence first.
std::vector<v1::Edit> SwitchesIn(const google::protobuf::RepeatedPtrField<v1::Resource>& resources);

// Returns a table with a row for each switch; empty if there are none.
std::string SwitchTable(const std::vector<v1::Edit>& switches, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_EDITS_H_
