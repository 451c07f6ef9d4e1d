// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NAT_H_
#define FIREBREAK_POLICY_IMPORT_NAT_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/import/decisions.h"

namespace firebreak::importer {

// Returns the effect of tables that change the destination of incoming packets, as rules for
// `port_mappings` that must precede all others. The imported filter judges such a packet by its new
// destination, Firebreak by its original one, so each rule carries what the filter decides about
// the changed packet.
//
// Ports that a container engine forwards itself are only opened.
absl::StatusOr<std::vector<Flat>> SentOnRules(const Ruleset& ruleset, bool v4, bool v6,
                                              Report& report);

// Returns `sharing` if the ruleset masquerades what leaves and lets the private side reach all of
// this host. Adds the private interfaces that are not let out with everything to `restricted`:
// another rule must block what the rules of `forward` do not let out.
absl::StatusOr<std::optional<v1::Sharing>> SharingOf(const Ruleset& ruleset, bool v4, bool v6,
                                                     const Decisions& in, const Decisions& through,
                                                     std::set<std::string>& restricted,
                                                     Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NAT_H_
