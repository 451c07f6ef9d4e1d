// SPDX-License-Identifier: Apache-2.0
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
  for (size_t i = 0; i < policies_.size(); ++i) {
    for (absl::string_view reference : policies_[i]->groups()) {
      const bool host = absl::ConsumePrefix(&reference, "host:");
      std::vector<size_t>& places = (host ? by_host_ : by_group_)[reference];
      if (places.empty() || places.back() != i) places.push_back(i);
    }
  }
  IndexGroups();
}

void Selector::IndexGroups() {
  absl::flat_hash_map<LabelView, size_t> uses;
  std::vector<const v1::Group*> groups;
  for (const auto& [key, resource] : configuration_.resources()) {
    if (!resource->has_group()) continue;
    groups.push_back(&resource->group());
    for (const auto& [label, value] : resource->group().match()) ++uses[{label, value}];
  }
  for (const v1::Group* group : groups) {
    const auto& match = group->match();
    // The group is indexed by the label that the fewest groups require, so it is looked at for the
    // fewest hosts.
    const auto rarest = std::min_element(match.begin(), match.end(), [&](auto& a, auto& b) {
      return uses[{a.first, a.second}] < uses[{b.first, b.second}];
    });
    if (rarest == match.end()) {
      for_all_.push_back(group);
    } else {
      by_label_[{rarest->first, rarest->second}].push_back(group);
    }
  }
}

std::vector<std::string> Selector::GroupsOf(const Labels& labels) const {
  std::vector<std::string> groups;
  for (const v1::Group* group : for_all_) groups.push_back(group->name());
  for (const auto& [key, value] : labels) {
    const auto found = by_label_.find(LabelView(key, value));
    if (found == by_label_.end()) continue;
    for (const v1::Group* group : found->second) {
      if (LabelsMatch(*group, labels)) groups.push_back(group->name());
    }
  }
  std::sort(groups.begin(), groups.end());
  groups.insert(groups.begin(), "all");
  return groups;
}

std::vector<const v1::Policy*> Selector::Select(absl::string_view host,
                                                const Labels& labels) const {
  std::vector<size_t> places;
  const auto add = [&](const Places& of, absl::string_view name) {
    const auto found = of.find(name);
    if (found == of.end()) return;
    places.insert(places.end(), found->second.begin(), found->second.end());
  };
  for (const std::string& group : GroupsOf(labels)) add(by_group_, group);
  add(by_host_, host);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<const v1::Policy*> selection;
  selection.reserve(places.size());
  for (const size_t place : places) selection.push_back(policies_[place]);
  return selection;
}

std::string Selector::KeyOf(const std::vector<const v1::Policy*>& selection) {
  std::string key;
  // No name contains a line break.
  for (const v1::Policy* policy : selection) absl::StrAppend(&key, policy->name(), "\n");
  return key;
}

}  // namespace firebreak::policy
