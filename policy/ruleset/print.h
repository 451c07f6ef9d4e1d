#ifndef FIREBREAK_POLICY_RULESET_PRINT_H_
#define FIREBREAK_POLICY_RULESET_PRINT_H_

#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::ruleset {

// The ruleset in nft(8)'s syntax, as far as it has one for what we use. Sets and maps with more
// than a handful of elements are printed with their number alone, unless `elements`.
std::string Print(const Ruleset& ruleset, bool elements);

std::string PrintRule(const Rule& rule);

// "tcp . 8080", "tcp . 1000-2000 . 10.0.0.0/8"; with its verdict, if it has one.
std::string PrintElement(const Set& set, const Element& element);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_PRINT_H_
