// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RULESET_PRINT_H_
#define FIREBREAK_POLICY_RULESET_PRINT_H_

#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::ruleset {

// Returns the ruleset in nft(8)'s syntax, as far as that can express it. If `elements` is false,
// sets and maps with more than a handful of elements show only the number of their elements.
std::string Print(const Ruleset& ruleset, bool elements);

std::string PrintRule(const Rule& rule);

// Returns an element as text, with its verdict if it has one: "tcp . 8080", "tcp . 1000-2000 .
// 10.0.0.0/8".
std::string PrintElement(const Set& set, const Element& element);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_PRINT_H_
