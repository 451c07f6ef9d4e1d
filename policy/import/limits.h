// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_LIMITS_H_
#define FIREBREAK_POLICY_IMPORT_LIMITS_H_

#include <vector>

#include "policy/import/flatten.h"

namespace firebreak::importer {

// Turns rules that refuse flows above a limit into limits of the accepting rules behind them. Each
// limited rule is followed by one that refuses the remaining flows.
std::vector<Flat> TurnLimits(std::vector<Flat> rules, Report& report);

// Removes rules that only log, and marks the rules that decide about the same packets as logged.
// The last rule is marked only if it covers nothing else.
std::vector<Flat> TurnLogs(std::vector<Flat> rules);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_LIMITS_H_
