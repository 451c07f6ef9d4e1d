// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_DECISIONS_H_
#define FIREBREAK_POLICY_IMPORT_DECISIONS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/flatten.h"

namespace firebreak::importer {

// What happens to new flows in one direction. The first rule that covers a flow decides, and `rest`
// decides about flows that no rule covers. Rules accept, drop or reject; none is about the flows
// above a limit.
struct Decisions {
  std::vector<Flat> rules;
  Verdict rest = Verdict::kAccept;
  bool logs_rest = false;
  bool rest_log_limited = false;
};

// The way that a packet takes through a host.
enum class Way { kIn, kOut, kThrough };

// Returns the packets of a direction that begin a flow. `sent_on`: those whose destination was
// changed.
Match PacketsOf(Way way, bool v4, bool v6, bool sent_on);

// Returns what the ruleset's filters do. Rules that say the same for both families are merged.
absl::StatusOr<Decisions> Decide(const Ruleset& ruleset, Way way, bool v4, bool v6, bool sent_on,
                                 Report& report);

// Joins neighbouring rules where possible, and removes rules that never decide.
void Tidy(Decisions& decisions);

// Whether the ruleset has a table for the family.
bool HasFamily(const Ruleset& ruleset, bool v6);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_DECISIONS_H_
