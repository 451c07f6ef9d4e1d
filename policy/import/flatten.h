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

// A rule that needs no chains. It decides about packets that no rule before it has decided about. A
// rule that logs decides nothing.
struct Flat {
  Match match;
  Verdict verdict = Verdict::kAccept;  // never kNone, kJump, kGoto or kReturn
  std::set<size_t> statements;
  std::string target;
  int port = 0;
  std::string description;
  Rate log_rate = {};
  bool log_limited = false;
  bool by_engine = false;  // a container engine rewrites the rule when it starts
  bool log = false;        // its packets are logged, at `log_rate` if `log_limited`
};

// Whether a container engine maintains the chain of this name.
bool IsEngineChain(const std::string& name);

// Evaluates the chains of one kind (`nat`: those that change addresses; else the filters) at the
// given hooks, one hook after the other, for the packets `packets`. Returns rules in the order in
// which they decide, with all jumps followed. The last rule decides about everything left.
//
// Returns InvalidArgument if chains jump in a circle or result in too many rules.
absl::StatusOr<std::vector<Flat>> Flatten(const Ruleset& ruleset, std::span<const Hook> hooks,
                                          bool nat, const Match& packets, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_FLATTEN_H_
