// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IPTABLES_RULE_H_
#define FIREBREAK_POLICY_IMPORT_IPTABLES_RULE_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "policy/import/chains.h"

namespace firebreak::importer {

// The words of one rule of iptables-save, behind "-A CHAIN". Some make two rules: `--ports` is one
// for each side. Extensions are those of iptables 1.8 (iptables-extensions(8)).
//
// InvalidArgument: the reason why the rule cannot be said.
absl::StatusOr<std::vector<Rule>> ReadIptablesRule(std::span<const std::string> words, bool v6,
                                                   std::vector<std::string>& notes);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IPTABLES_RULE_H_
