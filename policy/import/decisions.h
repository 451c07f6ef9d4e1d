// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_DECISIONS_H_
#define FIREBREAK_POLICY_IMPORT_DECISIONS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/flatten.h"

namespace firebreak::importer {

// What becomes of the new flows of one way: the first rule that covers one decides, and `rest`
// about what none covers. The rules accept, drop or reject, and have no limit that means what is
// above it.
struct Decisions {
  std::vector<Flat> rules;
  Verdict rest = Verdict::kAccept;
  bool logs_rest = false;
  bool rest_log_limited = false;
};

// Which way a packet takes through a host.
enum class Way { kIn, kOut, kThrough };

// The packets of a way that begin a flow. `sent_on`: those whose destination was changed.
Match PacketsOf(Way way, bool v4, bool v6, bool sent_on);

// What the filters of the ruleset do. Rules of both families that say the same become one.
absl::StatusOr<Decisions> Decide(const Ruleset& ruleset, Way way, bool v4, bool v6, bool sent_on,
                                 Report& report);

// Joins rules that stand together, and leaves out those that decide nothing.
void Tidy(Decisions& decisions);

// Whether there are any rules of that family.
bool HasFamily(const Ruleset& ruleset, bool v6);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_DECISIONS_H_
