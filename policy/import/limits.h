// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_LIMITS_H_
#define FIREBREAK_POLICY_IMPORT_LIMITS_H_

#include <vector>

#include "policy/import/flatten.h"

namespace firebreak::importer {

// Turns rules that refuse what is above a limit into limits of the rules behind them that accept
// it, each followed by one that refuses the rest.
std::vector<Flat> TurnLimits(std::vector<Flat> rules, Report& report);

// Turns rules that log and decide nothing into marks of the rules that decide about what they log.
// The last rule gets its mark only if it covers nothing else.
std::vector<Flat> TurnLogs(std::vector<Flat> rules);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_LIMITS_H_
