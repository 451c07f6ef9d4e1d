// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_RANDOM_HARDENING_H_
#define FIREBREAK_TESTS_ORACLE_RANDOM_HARDENING_H_

#include <vector>

#include "firebreak/v1/resources.pb.h"
#include "tests/oracle/random_policies.h"

namespace firebreak::oracle {

// The port of the NetBIOS name service, whose packets one of the rules looks into.
inline constexpr uint16_t kNameService = 137;

// Gives some of the policies a `hardening`, with the settings that are rules of nftables more often
// than others, and a mapping for the name service, so that something is left for the rules to drop.
void AddRandomHardening(Random& random, std::vector<v1::Resource>& resources);

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_RANDOM_HARDENING_H_
