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

// Protocol and ports that a verdict is for; what a flow gets when it is admitted rests on them.
struct Ports16 {
  uint8_t protocol = 0;  // 0: any
  uint16_t first = 0;
  uint16_t last = 65535;
};

// What becomes of packets for which a mapping decides, whose limits they keep: it blocks, rejects
// or admits them, and makes a record if it is to. What is not said by the mapping's action alone is
// in a chain SCOPE/mapping/…, whose name leads back to the mapping (Origins).
ruleset::Verdict VerdictOf(const Profile& profile, const v1::Mapping& mapping, const Ports16& ports,
                           const Direction& direction, const ObjectName& scope,
                           TableBuilder& table);

// Below this name are the sets by which its packets are known, in whatever chain they are asked.
ObjectName MatchSetsOf(const v1::Mapping& mapping, const ObjectName& scope);

// The rule that makes a record of what the mapping decides about, if it is to make any.
std::vector<ruleset::Rule> RecordOf(const v1::Mapping& mapping, const TableBuilder& table);

// Where packets go that the mapping covers: to `verdict` those that keep its limits, and on behind
// the rule those that are above them.
//
// Meters are sets below SCOPE/rate and SCOPE/flows, with a key for each source, of IPv6 its first
// 64 bits, which are one host's. A meter is forgotten when it is full again, so nobody gains by
// being forgotten. Where a set has no room for one more source, that source is above the limit;
// those that are in it keep their meters, whatever the others do.
ruleset::Verdict WithinLimits(const v1::Mapping& mapping, const ObjectName& scope,
                              const ruleset::Verdict& verdict, TableBuilder& table);

// The rules of one mapping that a map cannot hold. What is above its limits goes on behind them.
std::vector<ruleset::Rule> RichRules(const Profile& profile, const v1::Mapping& mapping,
                                     const View& view, const ObjectName& scope,
                                     TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MAPPING_VERDICT_H_
