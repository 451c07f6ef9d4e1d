// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/edits.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/check.h"
#include "policy/resources/edit.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/resolve.h"

namespace firebreak::policy {
namespace {

constexpr absl::string_view kHostPrefix = "host:";

Plan Refuse(const Configuration& current, std::string reason) {
  return {.next = current, .changes = {}, .problems = {{"", 0, std::move(reason)}}};
}

// Returns an edit for the target that changes nothing yet. Its number is higher than all others.
absl::StatusOr<v1::Edit> NewEdit(const EditContext& context, const EditTarget& target,
                                 absl::string_view interface_name) {
  if (target.host.empty() == target.group.empty()) {
    return absl::InvalidArgumentError("name either a host or a group");
  }
  std::string group = target.group.empty() ? absl::StrCat(kHostPrefix, target.host) : target.group;
  // Files may name a host that has not enrolled yet, but an edit's host is typed by a person, so an
  // unknown name is a mistake.
  if (absl::StartsWith(group, kHostPrefix)) {
    const std::string host = group.substr(kHostPrefix.size());
    if (!context.hosts.contains(host)) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown host ", Quoted(host),
                       DidYouMean(host, {context.hosts.begin(), context.hosts.end()})));
    }
  }
  uint64_t number = context.revision;
  for (const v1::Edit* edit : EditsOf(context.current)) {
    number = std::max(number, EditNumber(edit->name()) + 1);
  }
  v1::Edit edit;
  edit.set_name(EditName(number));
  edit.set_group(std::move(group));
  edit.set_interface(std::string(interface_name));
  edit.set_location(target.location);
  return edit;
}

Plan Unchanged(const Configuration& current, const v1::Edit& edit) {
  return {.next = current,
          .changes = {{Change::Kind::kUnchanged, KeyOf("Edit", edit.name())}},
          .problems = {}};
}

// Plans to remove `removed` and to add `added`, which is checked first.
Plan Replace(const EditContext& context, const std::vector<const v1::Edit*>& removed,
             const v1::Edit* added) {
  Plan plan = {.next = context.current, .changes = {}, .problems = {}};
  if (added != nullptr) {
    v1::Resource resource;
    *resource.mutable_edit() = *added;
    plan.next.Put(resource);
    plan.changes.push_back({Change::Kind::kCreated, KeyOf(resource)});
    Findings findings("", nullptr, plan.problems);
    CheckResource(resource, {plan.next, context.hosts, context.now}, findings);
  }
  for (const v1::Edit* edit : removed) {
    const std::string key = KeyOf("Edit", edit->name());
    plan.next.Remove(key);
    plan.changes.push_back({Change::Kind::kDeleted, key});
  }
  if (!plan.ok()) {
    plan.next = context.current;
    plan.changes.clear();
  }
  return plan;
}

// Whether a newer edit of equal rank may contradict `edit`. The newer edit then takes precedence.
bool IsOvertaken(const v1::Edit& edit, const std::vector<const v1::Edit*>& edits) {
  return std::any_of(edits.begin(), edits.end(), [&](const v1::Edit* other) {
    // An edit for another host does not affect this host.
    const bool may_meet =
        other->group() == edit.group() || !absl::StartsWith(edit.group(), kHostPrefix);
    return may_meet && SameRank(*other, edit) && Outranks(*other, edit) &&
           other->has_mapping() == edit.has_mapping() &&
           (other->firewall() != edit.firewall() ||
            other->mapping().action() != edit.mapping().action());
  });
}

std::string ForInterface(const v1::Edit& edit) {
  return edit.interface().empty() ? "" : absl::StrCat(" on ", Quoted(edit.interface()));
}

}  // namespace

Plan PlanSwitch(const EditContext& context, const EditTarget& target,
                absl::string_view interface_name, v1::Firewall::Mode mode) {
  if (mode == v1::Firewall::unspecified) {
    return Refuse(context.current, "no mode: it is on, off or observe");
  }
  absl::StatusOr<v1::Edit> wanted = NewEdit(context, target, interface_name);
  if (!wanted.ok()) return Refuse(context.current, std::string(wanted.status().message()));
  wanted->set_firewall(mode);
  const std::vector<const v1::Edit*> edits = EditsOf(context.current);
  std::vector<const v1::Edit*> replaced;
  for (const v1::Edit* edit : edits) {
    if (edit->has_mapping() || !SameScope(*edit, *wanted)) continue;
    if (edit->firewall() == mode && !IsOvertaken(*edit, edits)) {
      return Unchanged(context.current, *edit);
    }
    replaced.push_back(edit);
  }
  return Replace(context, replaced, &*wanted);
}

Plan PlanClearSwitches(const EditContext& context, const EditTarget& target,
                       absl::string_view interface_name) {
  const absl::StatusOr<v1::Edit> scope = NewEdit(context, target, interface_name);
  if (!scope.ok()) return Refuse(context.current, std::string(scope.status().message()));
  std::vector<const v1::Edit*> ended;
  for (const v1::Edit* edit : EditsOf(context.current)) {
    if (edit->has_mapping() || edit->group() != scope->group()) continue;
    if (!scope->interface().empty() && edit->interface() != scope->interface()) continue;
    if (!scope->location().empty() && edit->location() != scope->location()) continue;
    ended.push_back(edit);
  }
  return Replace(context, ended, nullptr);
}

Plan PlanAddMapping(const EditContext& context, const EditTarget& target,
                    absl::string_view interface_name, const v1::PortMapping& mapping) {
  absl::StatusOr<v1::Edit> wanted = NewEdit(context, target, interface_name);
  if (!wanted.ok()) return Refuse(context.current, std::string(wanted.status().message()));
  const v1::PortMapping* only[] = {&mapping};
  *wanted->mutable_mapping() = mapping;
  wanted->mutable_mapping()->set_name(MappingNames(only)[0]);
  const std::string& name = wanted->mapping().name();
  const std::vector<const v1::Edit*> edits = EditsOf(context.current);
  std::vector<const v1::Edit*> replaced;
  for (const v1::Edit* edit : edits) {
    if (!edit->has_mapping() || !SameScope(*edit, *wanted) || edit->mapping().name() != name) {
      continue;
    }
    if (edit->mapping().SerializeAsString() != wanted->mapping().SerializeAsString()) {
      return Refuse(context.current,
                    absl::StrCat("there is another mapping ", Quoted(name), " for ",
                                 Quoted(edit->group()), ForInterface(*edit), ", Edit/",
                                 edit->name(), "; remove it first, or give this one a name"));
    }
    if (!IsOvertaken(*edit, edits)) return Unchanged(context.current, *edit);
    replaced.push_back(edit);
  }
  return Replace(context, replaced, &*wanted);
}

Plan PlanRemoveMapping(const EditContext& context, const EditTarget& target,
                       absl::string_view interface_name, absl::string_view name) {
  const absl::StatusOr<v1::Edit> scope = NewEdit(context, target, interface_name);
  if (!scope.ok()) return Refuse(context.current, std::string(scope.status().message()));
  std::vector<const v1::Edit*> removed;
  std::vector<std::string> names;
  for (const v1::Edit* edit : EditsOf(context.current)) {
    if (!edit->has_mapping() || !SameScope(*edit, *scope)) continue;
    names.push_back(edit->mapping().name());
    if (edit->mapping().name() == name) removed.push_back(edit);
  }
  if (removed.empty()) {
    return Refuse(
        context.current,
        absl::StrCat("`mapping add` has made no mapping ", Quoted(name), " for ",
                     Quoted(scope->group()), ForInterface(*scope),
                     names.empty() ? ", and no other" : DidYouMean(name, names),
                     "; mappings of policies are changed where they are written, see `firebreak "
                     "mapping list`"));
  }
  return Replace(context, removed, nullptr);
}

}  // namespace firebreak::policy
