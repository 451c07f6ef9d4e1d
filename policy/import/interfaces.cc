// SPDX-License-Identifier: Apache-2.0
#include "policy/import/interfaces.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace firebreak::importer {
namespace {

using NameList = std::vector<std::string>;

void Tidy(NameList& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

bool AnyCovers(const NameList& outer, const std::string& name) {
  return std::any_of(outer.begin(), outer.end(),
                     [&](const std::string& one) { return NameWithin(name, one); });
}

bool Overlap(const std::string& a, const std::string& b) {
  return NameWithin(a, b) || NameWithin(b, a);
}

// Removes included names that are excluded entirely, and exclusions that overlap no included name.
Interfaces Normal(Interfaces set) {
  Tidy(set.excluded);
  if (!set.included.has_value()) return set;
  Tidy(*set.included);
  std::erase_if(*set.included,
                [&](const std::string& name) { return AnyCovers(set.excluded, name); });
  std::erase_if(set.excluded, [&](const std::string& name) {
    return std::none_of(set.included->begin(), set.included->end(),
                        [&](const std::string& one) { return Overlap(one, name); });
  });
  return set;
}

}  // namespace

bool NameWithin(absl::string_view inner, absl::string_view outer) {
  if (!absl::ConsumeSuffix(&outer, "*")) return inner == outer;
  absl::ConsumeSuffix(&inner, "*");
  return absl::StartsWith(inner, outer);
}

Interfaces Named(NameList names) { return Normal({std::move(names), {}}); }
Interfaces AllBut(NameList names) { return Normal({std::nullopt, std::move(names)}); }

Interfaces Intersect(const Interfaces& a, const Interfaces& b) {
  Interfaces both = {.included = a.included, .excluded = a.excluded};
  both.excluded.insert(both.excluded.end(), b.excluded.begin(), b.excluded.end());
  if (!a.included.has_value()) {
    both.included = b.included;
  } else if (b.included.has_value()) {
    both.included = NameList();
    for (const std::string& one : *a.included) {
      for (const std::string& other : *b.included) {
        if (NameWithin(one, other)) {
          both.included->push_back(one);
        } else if (NameWithin(other, one)) {
          both.included->push_back(other);
        }
      }
    }
  }
  return Normal(std::move(both));
}

bool Within(const Interfaces& inner, const Interfaces& outer) {
  return Intersect(inner, outer) == inner;
}

std::optional<Interfaces> Unite(const Interfaces& a, const Interfaces& b) {
  if (Within(a, b)) return b;
  if (Within(b, a)) return a;
  if (a.included.has_value() && b.included.has_value()) {
    if (a.excluded != b.excluded) return std::nullopt;
    Interfaces sum = a;
    sum.included->insert(sum.included->end(), b.included->begin(), b.included->end());
    return Normal(std::move(sum));
  }
  if (a.included.has_value()) return Unite(b, a);
  // Unites all names except some with a list of names: the listed names are no longer excluded.
  if (!b.included.has_value() || !b.excluded.empty()) return std::nullopt;
  Interfaces sum = a;
  for (const std::string& name : *b.included) {
    const auto found = std::find(sum.excluded.begin(), sum.excluded.end(), name);
    if (found != sum.excluded.end()) {
      sum.excluded.erase(found);
    } else if (AnyCovers(sum.excluded, name)) {
      return std::nullopt;
    }
  }
  return sum;
}

}  // namespace firebreak::importer
