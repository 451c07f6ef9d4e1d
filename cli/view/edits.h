#ifndef FIREBREAK_CLI_VIEW_EDITS_H_
#define FIREBREAK_CLI_VIEW_EDITS_H_

#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::cli {

// "--host web-1 --interface eth0 --at corp": how the verbs are told whom the edit is for.
std::string ScopeOf(const v1::Edit& edit);

// The switches among the resources, the highest first.
std::vector<v1::Edit> SwitchesIn(const google::protobuf::RepeatedPtrField<v1::Resource>& resources);

// A row for each switch; empty if there is none.
std::string SwitchTable(const std::vector<v1::Edit>& switches, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_EDITS_H_
