// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_FLATTEN_H_
#define FIREBREAK_POLICY_IMPORT_FLATTEN_H_

#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/chains.h"
#include "policy/import/report.h"

namespace firebreak::importer {

// A rule without chains: it decides about what no rule before it has decided about. (One that logs
// decides nothing.)
struct Flat {
  Match match;
  Verdict verdict = Verdict::kAccept;  // none of kNone, kJump, kGoto, kReturn
  std::set<size_t> statements;
  std::string target;
  int port = 0;
  std::string description;
  Rate log_rate = {};
  bool log_limited = false;
  bool by_engine = false;           // a container engine writes the rule anew whenever it starts
  std::set<size_t> log_statements;  // that make it log
  bool log = false;  // what it decides about is logged, at `log_rate` if `log_limited`
};

// Whether a chain of this name is one that a container engine keeps.
bool IsEngineChain(const std::string& name);

// What the chains of one kind (those that change addresses, or those that filter) at the hooks, one
// hook after the other, do with the packets of `packets`: rules in the order in which they decide,
// jumps followed. The last rule decides about all that is left.
//
// InvalidArgument: chains that lead in a circle, or that come to too many rules.
absl::StatusOr<std::vector<Flat>> Flatten(const Ruleset& ruleset, std::span<const Hook> hooks,
                                          bool nat, const Match& packets, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_FLATTEN_H_
