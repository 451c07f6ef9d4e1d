// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_REVIEW_H_
#define FIREBREAK_POLICY_IMPORT_REVIEW_H_

#include <string>

#include "policy/import/chains.h"

namespace firebreak::importer {

// Why a rule about packets that begin no flow cannot be said. Firebreak lets established flows
// pass, and drops what belongs to none; a rule that does the same, or that is about new flows too,
// gives an empty text.
std::string ObjectionTo(const Rule& rule);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_REVIEW_H_
