// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IPTABLES_RULE_H_
#define FIREBREAK_POLICY_IMPORT_IPTABLES_RULE_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "policy/import/chains.h"

namespace firebreak::importer {

// Parses one rule of iptables-save, given the words after "-A CHAIN". Some rules become two:
// `--ports` gives one for each side. Knows the extensions of iptables 1.8 (iptables-extensions(8)).
//
// Returns InvalidArgument with the reason if a policy cannot express the rule.
absl::StatusOr<std::vector<Rule>> ReadIptablesRule(std::span<const std::string> words, bool v6,
                                                   std::vector<std::string>& notes);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IPTABLES_RULE_H_
