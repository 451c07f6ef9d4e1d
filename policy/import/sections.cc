// SPDX-License-Identifier: Apache-2.0
#include "policy/import/sections.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"

namespace firebreak::importer {

void CollectNames(const Interfaces& interfaces, std::vector<std::string>& names) {
  if (interfaces.included.has_value()) {
    names.insert(names.end(), interfaces.included->begin(), interfaces.included->end());
  }
  names.insert(names.end(), interfaces.excluded.begin(), interfaces.excluded.end());
}

std::vector<std::string> InOrderOfSections(std::vector<std::string> names) {
  const auto key = [](const std::string& name) {
    const bool pattern = absl::EndsWith(name, "*");
    return std::tuple(pattern, pattern ? 64 - static_cast<int>(name.size()) : 0, name);
  };
  std::sort(names.begin(), names.end(),
            [&](const std::string& a, const std::string& b) { return key(a) < key(b); });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool Covers(const Interfaces& interfaces, const std::string& name) {
  const auto within = [&](const std::string& outer) {
    return !name.empty() && NameWithin(name, outer);
  };
  if (std::any_of(interfaces.excluded.begin(), interfaces.excluded.end(), within)) return false;
  return !interfaces.included.has_value() ||
         std::any_of(interfaces.included->begin(), interfaces.included->end(), within);
}

Decisions SectionOf(const Decisions& decisions, const std::string& name, bool in,
                    const Match& packets) {
  Decisions section = decisions;
  section.rules.clear();
  for (const Flat& rule : decisions.rules) {
    if (!Covers(in ? rule.match.in : rule.match.out, name)) continue;
    Flat of_any = rule;
    (in ? of_any.match.in : of_any.match.out) = Interfaces();
    if (Within(packets, of_any.match) && of_any.target.empty() && of_any.port == 0) {
      section.rest = rule.verdict;
      section.logs_rest = rule.log;
      section.rest_log_limited = rule.log_limited;
      break;
    }
    section.rules.push_back(std::move(of_any));
  }
  Tidy(section);
  return section;
}

}  // namespace firebreak::importer
