// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_INTERFACES_H_
#define FIREBREAK_POLICY_IMPORT_INTERFACES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::importer {

// A set of interface names: those in `included`, or all names, without those in `excluded`. A name
// that ends in a star stands for all names that begin with the part before it. A value.
struct Interfaces {
  std::optional<std::vector<std::string>> included;  // sorted; none: all names
  std::vector<std::string> excluded;                 // sorted

  bool IsAny() const { return !included.has_value() && excluded.empty(); }
  bool IsEmpty() const { return included.has_value() && included->empty(); }

  friend bool operator==(const Interfaces&, const Interfaces&) = default;
};

// Whether every name that `inner` stands for is one that `outer` stands for.
bool NameWithin(absl::string_view inner, absl::string_view outer);

Interfaces Named(std::vector<std::string> names);
Interfaces AllBut(std::vector<std::string> names);

Interfaces Intersect(const Interfaces& a, const Interfaces& b);
bool Within(const Interfaces& inner, const Interfaces& outer);
// Returns none if the union does not have this form.
std::optional<Interfaces> Unite(const Interfaces& a, const Interfaces& b);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_INTERFACES_H_
