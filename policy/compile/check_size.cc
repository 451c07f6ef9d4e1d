// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/check_size.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/compile/allowance.h"
#include "policy/compile/compile.h"

namespace firebreak::policy {
namespace {

// Returns imaginary interfaces for the patterns and types in the policy's sections. A full name
// without a type needs none, because its rules are made whether the interface exists or not.
std::vector<Interface> Imagine(const v1::EffectivePolicy& policy) {
  std::set<std::pair<std::string, std::string>> named;  // a pattern or name, and a type
  for (const v1::EffectiveLocation& location : policy.locations()) {
    for (const v1::Layer& layer : location.layers()) {
      for (const v1::InterfaceLayer& section : layer.interfaces()) {
        std::vector<std::string> names(section.match().names().begin(),
                                       section.match().names().end());
        if (names.empty()) names = {"*"};
        for (const std::string& name : names) {
          if (section.match().types().empty() && name.back() == '*') named.emplace(name, "");
          for (const std::string& type : section.match().types()) named.emplace(name, type);
        }
      }
    }
  }
  std::vector<Interface> interfaces;
  for (const auto& [pattern, type] : named) {
    std::string name = pattern;
    if (name.back() == '*') {
      name.pop_back();
      name = absl::StrCat(name, interfaces.size()).substr(0, 15);
    }
    interfaces.push_back({.name = name, .type = type});
  }
  return interfaces;
}

// The total sizes of all lists of a policy.
struct Lists {
  size_t ranges = 0, prefixes = 0, mappings = 0, sections = 0;

  void Add(const v1::Mappings& list) {
    for (const v1::Mapping& mapping : list.items()) {
      ranges += static_cast<size_t>(mapping.ports_size());
      prefixes += static_cast<size_t>(mapping.remote_size() + mapping.local_size());
      ++mappings;
    }
  }
  void Add(const v1::Settings& settings) {
    Add(settings.inbound());
    Add(settings.outbound());
    Add(settings.forward());
  }
};

// Whether the policy is so small that the compiled rules cannot come near the limits, however its
// lists are combined. Most policies are. The estimate assumes that the ranges cut the ports into
// twice as many pieces, and that for each piece every mapping and prefix is looked at, for each
// interface, by each of the chains.
bool SurelyFits(const v1::EffectivePolicy& policy) {
  constexpr size_t kChains = 8, kFamilies = 2;
  Lists lists;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    for (const v1::Layer& layer : location.layers()) {
      lists.Add(layer.settings());
      for (const v1::InterfaceLayer& section : layer.interfaces()) {
        lists.Add(section.settings());
        ++lists.sections;
      }
    }
  }
  const size_t looks = lists.mappings + kFamilies * (2 * lists.prefixes + 1);
  return 2 * lists.ranges * looks * (lists.sections + 1) * kChains <= kMostBoxes;
}

}  // namespace

absl::Status CheckSize(const v1::EffectivePolicy& policy) {
  const std::vector<Interface> interfaces = Imagine(policy);
  if (SurelyFits(policy)) return CheckScopes(policy, interfaces);
  return Compile(policy, interfaces).status();
}

}  // namespace firebreak::policy
