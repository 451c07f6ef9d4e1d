#include "policy/resources/edit_policy.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status/status.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

constexpr absl::string_view kHostPrefix = "host:";

// FNV-1a, 32 bits: only to tell apart names that do not fit.
uint32_t Hash(absl::string_view text) {
  uint32_t hash = 0x811c9dc5;
  for (unsigned char c : text) hash = (hash ^ c) * 0x01000193;
  return hash;
}

// `wanted` itself if it is a name, else one that begins like it.
std::string ToName(const std::string& wanted) {
  if (IsName(wanted)) return wanted;
  constexpr size_t kHashBytes = 9;
  std::string name = wanted.substr(0, kMaxNameBytes - kHashBytes);
  for (char& c : name) {
    if (!IsName(absl::string_view(&c, 1)) && c != '.' && c != '-') c = '_';
  }
  return absl::StrFormat("%s-%08x", name, Hash(wanted));
}

// The reference that `groups` has, and how it is told in the policy's name.
struct Reference {
  std::string group;
  std::string in_name;
  bool is_host = false;
};

absl::StatusOr<Reference> ReferenceTo(const EditTarget& target) {
  if (target.host.empty() == target.group.empty()) {
    return absl::InvalidArgumentError("name either a host or a group");
  }
  std::string host = target.host;
  if (host.empty() && absl::StartsWith(target.group, kHostPrefix)) {
    host = target.group.substr(kHostPrefix.size());
  }
  const std::string& name = host.empty() ? target.group : host;
  RETURN_IF_ERROR(CheckName(name));
  if (host.empty()) return Reference{name, absl::StrCat("group-", name), false};
  return Reference{absl::StrCat(kHostPrefix, name), absl::StrCat("host-", name), true};
}

bool IsForInterface(const v1::Policy& policy, absl::string_view interface_name) {
  if (interface_name.empty()) return true;
  return policy.interfaces_size() == 1 && policy.interfaces(0).match().names_size() == 1 &&
         policy.interfaces(0).match().names(0) == interface_name;
}

bool IsAt(const v1::Policy& policy, const std::string& location) {
  if (location.empty()) return policy.locations().empty();
  return policy.locations_size() == 1 && policy.locations(0) == location;
}

}  // namespace

absl::StatusOr<v1::Policy> EditPolicy(const Configuration& current, const EditKind& kind,
                                      const EditTarget& target, absl::string_view interface_name) {
  ASSIGN_OR_RETURN(const Reference reference, ReferenceTo(target));
  std::string wanted = absl::StrCat(kind.prefix, "-", reference.in_name);
  if (!target.location.empty()) {
    RETURN_IF_ERROR(CheckName(target.location));
    absl::StrAppend(&wanted, ".at.", target.location);
  }
  if (!interface_name.empty()) absl::StrAppend(&wanted, ".", interface_name);
  const std::string name = ToName(wanted);
  if (const v1::Policy* existing = current.FindPolicy(name)) {
    if (existing->groups_size() == 1 && existing->groups(0) == reference.group &&
        IsAt(*existing, target.location) && IsForInterface(*existing, interface_name)) {
      return *existing;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("Policy/", name,
                     ", which would hold this, was changed to be for others; change it with "
                     "\"firebreak apply\", or delete it"));
  }
  v1::Policy policy;
  policy.set_name(name);
  policy.set_description("Kept by firebreak's verbs for changes by hand");
  policy.add_groups(reference.group);
  if (!target.location.empty()) policy.add_locations(target.location);
  policy.set_priority(kind.priority - (reference.is_host ? 0 : 2) -
                      (target.location.empty() ? 1 : 0));
  return policy;
}

}  // namespace firebreak::policy
