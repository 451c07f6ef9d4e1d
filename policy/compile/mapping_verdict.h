// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_MAPPING_VERDICT_H_
#define FIREBREAK_POLICY_COMPILE_MAPPING_VERDICT_H_

#include <cstdint>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/rule_match.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// The protocol and ports that a verdict is for. They determine timeouts and helpers of the admitted
// flow.
struct Ports16 {
  uint8_t protocol = 0;  // 0: any
  uint16_t first = 0;
  uint16_t last = 65535;
};

// Returns the verdict for packets that a mapping decides about and that are within its limits: it
// blocks, rejects or admits, and logs if the mapping does. Where the action alone is not enough,
// the verdict leads to a chain SCOPE/mapping/…, whose name identifies the mapping (Origins).
ruleset::Verdict VerdictOf(const Profile& profile, const v1::Mapping& mapping, const Ports16& ports,
                           const Direction& direction, const ObjectName& scope,
                           TableBuilder& table);

// Returns the name below which the mapping's sets are. They are shared by all chains that match its
// packets.
ObjectName MatchSetsOf(const v1::Mapping& mapping, const ObjectName& scope);

// Returns the rule that logs what the mapping decides about; none if the mapping has no log.
std::vector<ruleset::Rule> RecordOf(const v1::Mapping& mapping, const TableBuilder& table);

// Returns the verdict for all packets that the mapping covers. Packets within its limits go to
// `verdict`; packets above them go on behind the rule.
//
// Meters are elements of sets below SCOPE/rate and SCOPE/flows, one for each source. For IPv6 a
// source is a /64 network, which one host may use entirely. A meter is forgotten only once it is
// full again, so no source gains by being forgotten. If a set has no room for another source, that
// source counts as above the limit; the sources in the set keep their meters.
ruleset::Verdict WithinLimits(const v1::Mapping& mapping, const ObjectName& scope,
                              const ruleset::Verdict& verdict, TableBuilder& table);

// Returns the rules of a mapping that a map cannot hold. Packets above its limits go on behind
// them.
std::vector<ruleset::Rule> RichRules(const Profile& profile, const v1::Mapping& mapping,
                                     const View& view, const ObjectName& scope,
                                     TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MAPPING_VERDICT_H_
