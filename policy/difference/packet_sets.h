// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_PACKET_SETS_H_
#define FIREBREAK_POLICY_DIFFERENCE_PACKET_SETS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policy/difference/box.h"

namespace firebreak::policy {

// A range of numbers, both ends included. A set of numbers is a list of disjoint, ascending ranges
// that do not touch.
struct NumberRange {
  AddressNumber first = 0;
  AddressNumber last = 0;

  friend auto operator<=>(const NumberRange&, const NumberRange&) = default;
};
using NumberSet = std::vector<NumberRange>;

NumberSet Normalised(NumberSet ranges);
// Returns the numbers in 0..last that are not in the set, which must be normalised.
NumberSet Complement(const NumberSet& set, AddressNumber last);

// Remote addresses of both families.
struct RemoteSet {
  NumberSet ipv4, ipv6;

  friend auto operator<=>(const RemoteSet&, const RemoteSet&) = default;
};

// A set of protocols, each with its ports or types; a protocol without an entry is not in the set.
using TrafficSet = std::map<uint16_t, NumberSet>;

// A set in words: by its members or by its non-members, whichever is shorter.
struct SetText {
  std::vector<std::string> in;      // the members; empty: all
  std::vector<std::string> except;  // the non-members; empty unless `in` is empty
};
SetText RemoteText(const RemoteSet& set);
SetText TrafficText(const TrafficSet& set);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_PACKET_SETS_H_
