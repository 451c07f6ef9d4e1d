// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_DECIDED_BEFORE_H_
#define FIREBREAK_POLICY_COMPILE_DECIDED_BEFORE_H_

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/parts.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Forwarding and the handshake proxy act on packets before these are filtered. They must not act on
// packets for which an earlier mapping of the list decides. Within one part of the list the maps
// take care of that; between parts, the rules of this file do.
//
// A mapping with limits is not treated as deciding, because only the filter knows whether it does.
// Its flows are therefore handled as a later mapping wants.

using Wanted = std::function<bool(const v1::Mapping&)>;

// The wanted mappings of a list, in its order.
class WantedMappings {
 public:
  WantedMappings(const std::vector<Part>& parts, const Wanted& wanted);

  // Returns those that come behind the plain mappings of the part.
  std::span<const v1::Mapping* const> Behind(size_t part) const {
    return std::span(all_).subspan(behind_[part]);
  }

 private:
  std::vector<const v1::Mapping*> all_;
  std::vector<size_t> behind_;  // by part, where they begin
};

// Returns rules that accept, and so end the chain for, packets for which a plain mapping that is
// not wanted decides. Mappings that overlap none of `later` need no rule.
std::vector<ruleset::Rule> PassDecided(const std::vector<const v1::Mapping*>& plain,
                                       std::span<const v1::Mapping* const> later,
                                       const Wanted& wanted, const ObjectName& scope,
                                       TableBuilder& table);

// The same for a mapping that needs rules of its own.
std::vector<ruleset::Rule> PassDecidedBy(const v1::Mapping& rich,
                                         std::span<const v1::Mapping* const> later,
                                         const ObjectName& scope, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_DECIDED_BEFORE_H_
