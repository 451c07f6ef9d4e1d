#ifndef FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
#define FIREBREAK_POLICY_COMPILE_MAPPINGS_H_

#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/match.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Puts a list of mappings into maps named SCOPE.sources4, .sources6, .hosts4, .hosts6, .ports,
// .ranges and .protocols, as many of them as it needs, and returns the rules that look a packet up
// in them: at most one lookup in each, however many mappings there are. What no mapping decides
// goes on. A second call with the same scope, for interfaces that share a list, gives the same
// rules.
std::vector<ruleset::Rule> CompileMappings(std::span<const v1::Mapping* const> mappings,
                                           v1::Traffic::Action fallback, const Direction& direction,
                                           const std::string& scope, bool observe,
                                           TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
