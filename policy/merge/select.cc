#include "policy/merge/select.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "policy/resources/edit.h"

namespace firebreak::policy {
namespace {

bool LabelsMatch(const v1::Group& group, const Selector::Labels& labels) {
  return std::all_of(group.match().begin(), group.match().end(), [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
}

bool IsHostReference(absl::string_view reference, absl::string_view host) {
  return absl::ConsumePrefix(&reference, "host:") && reference == host;
}

}  // namespace

Selector::Selector(Configuration configuration) : configuration_(std::move(configuration)) {
  for (const auto& [key, resource] : configuration_.resources()) {
    if (resource->has_policy()) policies_.push_back(&resource->policy());
  }
  std::sort(policies_.begin(), policies_.end(), [](const v1::Policy* a, const v1::Policy* b) {
    return a->priority() != b->priority() ? a->priority() > b->priority() : a->name() < b->name();
  });
  for (const v1::Edit* edit : EditsOf(configuration_)) edits_.push_back(PolicyOf(*edit));
  std::vector<const v1::Policy*> edits;
  for (const v1::Policy& edit : edits_) edits.push_back(&edit);
  policies_.insert(policies_.begin(), edits.begin(), edits.end());
  for (const v1::Policy* policy : policies_) {
    for (absl::string_view reference : policy->groups()) {
      if (absl::ConsumePrefix(&reference, "host:")) named_.emplace(reference);
    }
  }
}

std::vector<std::string> Selector::GroupsOf(const Labels& labels) const {
  std::vector<std::string> groups = {"all"};
  for (const auto& [key, resource] : configuration_.resources()) {
    if (resource->has_group() && LabelsMatch(resource->group(), labels)) {
      groups.push_back(resource->group().name());
    }
  }
  return groups;
}

std::vector<const v1::Policy*> Selector::Select(absl::string_view host,
                                                const Labels& labels) const {
  const std::vector<std::string> groups = GroupsOf(labels);
  const auto selects = [&](const std::string& reference) {
    return IsHostReference(reference, host) ||
           std::find(groups.begin(), groups.end(), reference) != groups.end();
  };
  std::vector<const v1::Policy*> selection;
  for (const v1::Policy* policy : policies_) {
    if (std::any_of(policy->groups().begin(), policy->groups().end(), selects)) {
      selection.push_back(policy);
    }
  }
  return selection;
}

std::string Selector::KeyOf(const std::vector<const v1::Policy*>& selection) {
  std::string key;
  // A line break is in no name.
  for (const v1::Policy* policy : selection) absl::StrAppend(&key, policy->name(), "\n");
  return key;
}

}  // namespace firebreak::policy
