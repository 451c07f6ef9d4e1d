// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/plan.h"
#include "policy/resources/uses.h"

namespace firebreak::policy {
namespace {

constexpr size_t kMaxNamedUsers = 10;

Plan Refuse(const Configuration& current, std::string reason) {
  return {.next = current, .changes = {}, .problems = {{"", 0, std::move(reason)}}};
}

std::string Listed(const std::vector<std::string>& users) {
  const size_t named = std::min(users.size(), kMaxNamedUsers);
  const auto end = users.begin() + static_cast<std::ptrdiff_t>(named);
  std::string text = absl::StrJoin(users.begin(), end, ", ");
  if (named < users.size()) absl::StrAppend(&text, " and ", users.size() - named, " more");
  return text;
}

}  // namespace

Plan PlanDelete(const Configuration& current, absl::string_view kind, absl::string_view name) {
  std::string key;
  std::vector<std::string> names;
  for (const auto& [candidate, resource] : current.resources()) {
    if (!absl::EqualsIgnoreCase(KindOf(*resource), kind)) continue;
    names.emplace_back(NameOf(*resource));
    if (NameOf(*resource) == name) key = candidate;
  }
  if (key.empty()) {
    return Refuse(current, absl::StrCat("there is no ", absl::AsciiStrToLower(kind), " ",
                                        Quoted(name), DidYouMean(name, names)));
  }
  if (const std::vector<std::string> users = UsersOf(current, key); !users.empty()) {
    return Refuse(
        current, absl::StrCat(key, " is used by ", Listed(users), "; change or delete them first"));
  }
  Plan plan = {.next = current, .changes = {{Change::Kind::kDeleted, key}}, .problems = {}};
  plan.next.Remove(key);
  return plan;
}

}  // namespace firebreak::policy
