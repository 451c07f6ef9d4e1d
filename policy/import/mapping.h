// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_MAPPING_H_
#define FIREBREAK_POLICY_IMPORT_MAPPING_H_

#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"
#include "policy/import/decisions.h"

namespace firebreak::importer {

// What the mappings of a policy are about.
struct Scope {
  Way way = Way::kIn;
  bool v4 = true, v6 = true;  // the families that the configuration has rules of
};

// The mappings that a rule comes to; the interfaces of `forward` among what they say, the action in
// `port_mappings` alone. None for what holds without being said. What cannot be said goes into the
// report.
std::vector<v1::PortMapping> MappingsOf(const Flat& rule, const Scope& scope, Report& report);

// "10.0.0.0/8", "10.0.0.1", "10.0.0.1-10.0.0.9".
std::vector<std::string> AddressTexts(const IntervalSet& addresses, bool v6);

// What a number of flows a time is called in a mapping; with the largest unit that does not change
// it.
std::string RateTextOf(const Rate& rate);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_MAPPING_H_
