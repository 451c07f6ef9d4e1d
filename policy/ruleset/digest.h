// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RULESET_DIGEST_H_
#define FIREBREAK_POLICY_RULESET_DIGEST_H_

#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::ruleset {

// Returns the SHA-256 (32 bytes) of a canonical form of everything in the ruleset that can affect a
// packet. Equal rulesets have equal digests, in whatever order they were built. State and hints are
// left out: dynamic elements, counters' values, capacities. The result is empty for an absent
// ruleset.
std::string Digest(const Ruleset& ruleset);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_DIGEST_H_
