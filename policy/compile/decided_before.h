// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_DECIDED_BEFORE_H_
#define FIREBREAK_POLICY_COMPILE_DECIDED_BEFORE_H_

#include <functional>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/parts.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// What is done with packets before they are judged (another destination, a proxied handshake) must
// not be done with those for which a mapping decides that stands in front of the one that wants it.
// Where the maps of one part alone are asked, they say so by themselves; between parts these rules
// do.
//
// A mapping with limits is not among those that decide: whether it does is known only when the flow
// is judged. What a later mapping wants is then done with its flows.

using Wanted = std::function<bool(const v1::Mapping&)>;

// Returns the wanted mappings that come behind the plain mappings of the part.
std::vector<const v1::Mapping*> WantedBehind(const std::vector<Part>& parts, size_t part,
                                             const Wanted& wanted);

// Rules that accept, and so end the chain for, packets for which one of the plain mappings decides
// that is not wanted, as far as any of `later` covers such packets.
std::vector<ruleset::Rule> PassDecided(const std::vector<const v1::Mapping*>& plain,
                                       const std::vector<const v1::Mapping*>& later,
                                       const Wanted& wanted, const ObjectName& scope,
                                       TableBuilder& table);

// The same for one that needs rules of its own.
std::vector<ruleset::Rule> PassDecidedBy(const v1::Mapping& rich,
                                         const std::vector<const v1::Mapping*>& later,
                                         const ObjectName& scope, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_DECIDED_BEFORE_H_
