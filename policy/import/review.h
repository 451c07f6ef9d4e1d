// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_REVIEW_H_
#define FIREBREAK_POLICY_IMPORT_REVIEW_H_

#include <string>

#include "policy/import/chains.h"

namespace firebreak::importer {

// Returns why a rule about packets that begin no flow cannot be imported. Firebreak lets
// established flows pass and drops packets that belong to no flow. The text is empty if the rule
// does the same, or if it is about new flows too.
std::string ObjectionTo(const Rule& rule);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_REVIEW_H_
