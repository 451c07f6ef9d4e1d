#ifndef FIREBREAK_POLICY_RULESET_DIGEST_H_
#define FIREBREAK_POLICY_RULESET_DIGEST_H_

#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::ruleset {

// SHA-256, 32 bytes, over a canonical form of everything in the ruleset that decides about a
// packet: equal for equal rulesets whatever the order in which they were made, different
// otherwise. Left out is what is state or only a hint: dynamic elements, counts, capacities.
// Empty for an absent ruleset.
std::string Digest(const Ruleset& ruleset);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_DIGEST_H_
