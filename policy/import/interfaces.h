// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_INTERFACES_H_
#define FIREBREAK_POLICY_IMPORT_INTERFACES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::importer {

// Names of interfaces: those of `included`, or all, but for those of `excluded`. A name that ends
// in a star stands for all names that begin so. A value.
struct Interfaces {
  std::optional<std::vector<std::string>> included;  // sorted; none: all
  std::vector<std::string> excluded;                 // sorted

  bool IsAny() const { return !included.has_value() && excluded.empty(); }
  bool IsEmpty() const { return included.has_value() && included->empty(); }

  friend bool operator==(const Interfaces&, const Interfaces&) = default;
};

// Whether all names that `inner` stands for are among those of `outer`.
bool NameWithin(absl::string_view inner, absl::string_view outer);

Interfaces Named(std::vector<std::string> names);
Interfaces AllBut(std::vector<std::string> names);

Interfaces Intersect(const Interfaces& a, const Interfaces& b);
bool Within(const Interfaces& inner, const Interfaces& outer);
// None: the union is not of this form.
std::optional<Interfaces> Unite(const Interfaces& a, const Interfaces& b);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_INTERFACES_H_
