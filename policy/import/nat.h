// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NAT_H_
#define FIREBREAK_POLICY_IMPORT_NAT_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/import/decisions.h"

namespace firebreak::importer {

// Rules for `port_mappings`, to stand before all others: what the tables that change addresses do
// to packets that come in. A filter judges such a packet by the destination that it is given,
// Firebreak by the one that it had at first, so each says what the filter decides about it.
//
// What a container engine keeps sending on by itself is only let in.
absl::StatusOr<std::vector<Flat>> SentOnRules(const Ruleset& ruleset, bool v4, bool v6,
                                              Report& report);

// `sharing`, if the ruleset gives what leaves the address of the host and lets the private side do
// all that `sharing` lets it do.
absl::StatusOr<std::optional<v1::Sharing>> SharingOf(const Ruleset& ruleset, bool v4, bool v6,
                                                     const Decisions& in, const Decisions& through,
                                                     Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NAT_H_
