// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_ORIGINS_H_
#define FIREBREAK_POLICY_COMPILE_ORIGINS_H_

#include <map>
#include <string>
#include <utility>

#include "firebreak/v1/effective.pb.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// The mapping that each element comes from, keyed by the map's name and the element's key.
using Origins = std::map<std::pair<std::string, ruleset::Bytes>, const v1::Mapping*>;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ORIGINS_H_
