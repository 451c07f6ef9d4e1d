// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_MAPPING_H_
#define FIREBREAK_POLICY_IMPORT_MAPPING_H_

#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"
#include "policy/import/decisions.h"

namespace firebreak::importer {

// Which flows a policy's mappings are about.
struct Scope {
  Way way = Way::kIn;
  bool v4 = true, v6 = true;  // the families that the configuration has rules for
};

// Returns the mappings that a rule becomes; none if Firebreak behaves so anyway. They include the
// interfaces if the rule is for `forward`, and the action if it is for `port_mappings`. What a
// mapping cannot express goes into the report.
std::vector<v1::PortMapping> MappingsOf(const Flat& rule, const Scope& scope, Report& report);

// Returns texts such as "10.0.0.0/8", "10.0.0.1" or "10.0.0.1-10.0.0.9".
std::vector<std::string> AddressTexts(const IntervalSet& addresses, bool v6);

// Returns the rate in the spelling of a mapping, with the largest unit that is exact.
std::string RateTextOf(const Rate& rate);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_MAPPING_H_
