// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/address_list.h"
#include "policy/resources/check_mapping.h"
#include "policy/resources/names.h"
#include "policy/resources/resolve.h"
#include "policy/resources/unit_name.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxAddresses = 10'000;
constexpr int kMaxSenders = 64;

using Names = google::protobuf::RepeatedPtrField<std::string>;

// Returns false if there are too many texts to check.
bool CheckTexts(const CheckedMapping& checked, const Names& texts, absl::string_view field) {
  const FieldPath path(checked.path, field);
  if (texts.size() > kMaxAddresses) {
    checked.findings.Add(path, absl::StrCat("the mapping has more than ", kMaxAddresses,
                                            " prefixes; make several of it"));
    return false;
  }
  for (int i = 0; i < texts.size(); ++i) {
    const absl::Status status = ParseAddresses(texts[i]).status();
    if (status.ok()) continue;
    checked.findings.Add(FieldPath(checked.path, field, i),
                         absl::StrCat(field, ": ", status.message()));
  }
  return true;
}

void CheckEnd(const CheckedMapping& checked, const Names& list, absl::string_view field,
              const Names& except, absl::string_view except_field) {
  if (!CheckTexts(checked, list, field) || !CheckTexts(checked, except, except_field)) return;
  const auto spelled = SpellAddresses(list, except, kMostSpelledPrefixes);
  if (spelled.ok()) return;
  checked.findings.Add(FieldPath(checked.path, except.empty() ? field : except_field),
                       absl::StrCat(field, ": ", spelled.status().message()));
}

// Checks the name of a user or group: a name that useradd(8) accepts by default, or a number.
absl::Status CheckAccount(const std::string& name) {
  constexpr size_t kMost = 32;
  const auto allowed = [](const char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  };
  const bool begins = !name.empty() && name[0] != '-' && name[0] != '.';
  if (begins && name.size() <= kMost && std::all_of(name.begin(), name.end() - 1, allowed) &&
      (allowed(name.back()) || name.back() == '$')) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(name),
                   " is no name of an account: up to 32 small letters, digits, \"_\", \"-\" and "
                   "\".\", or a number"));
}

void CheckSenders(const CheckedMapping& checked) {
  const v1::PortMapping& mapping = checked.mapping;
  const auto check = [&](const Names& names, absl::string_view field, const auto& check_name) {
    if (names.empty()) return;
    const FieldPath path(checked.path, field);
    if (checked.list != MappingList::kOutbound) {
      checked.findings.Add(path,
                           absl::StrCat("\"", field,
                                        "\" are those of this host that send: they stand in "
                                        "\"outbound\", as nobody knows whose program asks from "
                                        "outside"));
      return;
    }
    if (names.size() > kMaxSenders) {
      checked.findings.Add(path, absl::StrCat("more than ", kMaxSenders, " ", field));
      return;
    }
    for (int i = 0; i < names.size(); ++i) {
      checked.findings.Add(FieldPath(checked.path, field, i), check_name(names[i]));
    }
  };
  check(mapping.users(), "users", CheckAccount);
  check(mapping.user_groups(), "user_groups", CheckAccount);
  check(mapping.units(), "units", CheckUnitName);
}

}  // namespace

void CheckEnds(const CheckedMapping& checked) {
  const v1::PortMapping& mapping = checked.mapping;
  CheckEnd(checked, mapping.from(), "from", mapping.from_except(), "from_except");
  CheckEnd(checked, mapping.to(), "to", mapping.to_except(), "to_except");
  CheckSenders(checked);
}

}  // namespace firebreak::policy
