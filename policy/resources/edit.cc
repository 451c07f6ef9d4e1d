// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/edit.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firebreak::policy {
namespace {

constexpr absl::string_view kPrefix = "edit-";

std::tuple<bool, bool, bool> Rank(const v1::Edit& edit) {
  return {absl::StartsWith(edit.group(), "host:"), !edit.interface().empty(),
          !edit.location().empty()};
}

}  // namespace

std::string EditName(uint64_t number) { return absl::StrCat(kPrefix, number); }

uint64_t EditNumber(absl::string_view name) {
  uint64_t number = 0;
  absl::string_view digits = name;
  // Other spellings of the number are refused, because names are compared as texts.
  if (!absl::ConsumePrefix(&digits, kPrefix) || !absl::SimpleAtoi(digits, &number) ||
      EditName(number) != name) {
    return 0;
  }
  return number;
}

bool Outranks(const v1::Edit& a, const v1::Edit& b) {
  return std::make_tuple(Rank(a), EditNumber(a.name())) >
         std::make_tuple(Rank(b), EditNumber(b.name()));
}

bool SameRank(const v1::Edit& a, const v1::Edit& b) { return Rank(a) == Rank(b); }

bool SameScope(const v1::Edit& a, const v1::Edit& b) {
  return a.group() == b.group() && a.interface() == b.interface() && a.location() == b.location();
}

std::vector<const v1::Edit*> EditsOf(const Configuration& configuration) {
  std::vector<const v1::Edit*> edits;
  for (const auto& [key, resource] : configuration.resources()) {
    if (resource->has_edit()) edits.push_back(&resource->edit());
  }
  std::sort(edits.begin(), edits.end(),
            [](const v1::Edit* a, const v1::Edit* b) { return Outranks(*a, *b); });
  return edits;
}

v1::Policy PolicyOf(const v1::Edit& edit) {
  v1::Policy policy;
  policy.set_name(edit.name());
  policy.add_groups(edit.group());
  if (!edit.location().empty()) policy.add_locations(edit.location());
  policy.set_priority(std::numeric_limits<int32_t>::max());
  if (edit.interface().empty()) {
    policy.set_firewall(edit.firewall());
    if (edit.has_mapping()) *policy.mutable_port_mappings()->add_items() = edit.mapping();
    return policy;
  }
  v1::InterfaceSettings& section = *policy.add_interfaces();
  section.mutable_match()->add_names(edit.interface());
  section.set_firewall(edit.firewall());
  if (edit.has_mapping()) *section.mutable_port_mappings()->add_items() = edit.mapping();
  return policy;
}

}  // namespace firebreak::policy
