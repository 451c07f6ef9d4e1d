// SPDX-License-Identifier: Apache-2.0
#include "agent/senders/senders.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/kernel/control_groups/units.h"
#include "agent/kernel/settings/accounts.h"
#include "policy/merge/expiring.h"

namespace firebreak::agent {
namespace {

bool IsNumber(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](const char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

}  // namespace

SenderNames SendersIn(const v1::EffectivePolicy& policy) {
  SenderNames names;
  for (const v1::Mapping* mapping : policy::AllMappings(policy)) {
    names.users.insert(mapping->users().begin(), mapping->users().end());
    names.user_groups.insert(mapping->user_groups().begin(), mapping->user_groups().end());
    names.units.insert(mapping->units().begin(), mapping->units().end());
  }
  return names;
}

policy::Senders FindOnHost(const SenderNames& names) {
  policy::Senders found = FindAccounts(names.users, names.user_groups);
  if (!names.units.empty()) found.units = FindUnits(FindControlGroups(), names.units);
  return found;
}

std::vector<std::string> DescribeUnknown(const SenderNames& names, const policy::Senders& found,
                                         bool has_control_groups, size_t most) {
  std::vector<std::string> unknown;
  for (const std::string& unit : names.units) {
    if (found.units.contains(unit)) continue;
    unknown.push_back(absl::StrCat("unit ", unit, ": ",
                                   has_control_groups
                                       ? "it is not running"
                                       : "this host has no control groups of version 2 (cgroup2 is "
                                         "not mounted), which distinguish the programs of units"));
  }
  for (const std::string& user : names.users) {
    if (found.users.contains(user) || IsNumber(user)) continue;
    unknown.push_back(absl::StrCat("user ", user, ": /etc/passwd has none"));
  }
  for (const std::string& group : names.user_groups) {
    if (found.groups.contains(group) || IsNumber(group)) continue;
    unknown.push_back(absl::StrCat("group ", group, ": /etc/group has none"));
  }
  if (unknown.size() > most) {
    const size_t rest = unknown.size() - most + 1;
    unknown.resize(most - 1);
    unknown.push_back(absl::StrCat(rest, " more"));
  }
  return unknown;
}

}  // namespace firebreak::agent
