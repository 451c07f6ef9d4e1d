#ifndef FIREBREAK_POLICY_COMPILE_ORIGINS_H_
#define FIREBREAK_POLICY_COMPILE_ORIGINS_H_

#include <map>
#include <string>
#include <utility>

#include "firebreak/v1/effective.pb.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// By the name of a map and the key of an element, the mapping that put the element there.
using Origins = std::map<std::pair<std::string, ruleset::Bytes>, const v1::Mapping*>;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ORIGINS_H_
