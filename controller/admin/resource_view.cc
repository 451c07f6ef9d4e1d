// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/resource_view.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/admin/history.h"
#include "controller/admin/host_view.h"
#include "policy/merge/mapping_list.h"
#include "policy/resources/configuration.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::controller {
namespace {

constexpr absl::string_view kKinds[] = {"Edit",   "Group", "Invariant",       "Location",
                                        "Policy", "Probe", "RolloutStrategy", "Service"};

}  // namespace

absl::StatusOr<v1::GetResourcesResponse> GetResources(const PublishedRevision& newest,
                                                      Database& database,
                                                      const v1::GetResourcesRequest& request) {
  absl::string_view kind;
  if (!request.kind().empty()) {
    for (const absl::string_view known : kKinds) {
      if (absl::EqualsIgnoreCase(known, request.kind())) kind = known;
    }
    if (kind.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          policy::Quoted(request.kind()),
          " is not a kind of resource; the kinds are edit, group, invariant, location, policy, "
          "probe, rolloutstrategy and service"));
    }
  }
  v1::GetResourcesResponse response;
  response.set_revision(request.revision() == 0 ? newest.number() : request.revision());
  policy::Configuration configuration = newest.configuration();
  if (response.revision() != newest.number()) {
    ASSIGN_OR_RETURN(configuration, LoadConfiguration(database, response.revision()));
  }
  std::vector<std::string> names;
  for (const auto& [key, resource] : configuration.resources()) {
    if (!kind.empty() && policy::KindOf(*resource) != kind) continue;
    const absl::string_view name = policy::NameOf(*resource);
    names.emplace_back(name);
    if (request.name().empty() || name == request.name()) *response.add_resources() = *resource;
  }
  if (!request.name().empty() && response.resources().empty()) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", kind.empty() ? "resource" : absl::AsciiStrToLower(kind), " ",
                     policy::Quoted(request.name()), policy::DidYouMean(request.name(), names)));
  }
  return response;
}

absl::StatusOr<v1::ListMappingsResponse> ListMappings(const PublishedRevision& revision,
                                                      const Registry& registry,
                                                      const v1::ListMappingsRequest& request) {
  const v1::Target& target = request.target();
  if (!target.host().empty() && !target.group().empty()) {
    return absl::InvalidArgumentError("give a host or a group, not both");
  }
  policy::ListedInterface interface = {request.interface(), request.interface_type()};
  std::vector<const v1::Policy*> policies;
  if (!target.host().empty()) {
    const auto host = registry.Find(target.host());
    if (!host.has_value()) return NoSuchHost(registry, target.host());
    policies = revision.selector().Select(target.host(), host->record.labels);
    for (const v1::Interface& one : host->report.facts.interfaces()) {
      if (one.name() == interface.name && interface.type.empty()) interface.type = one.type();
    }
  } else {
    if (!target.group().empty() && target.group() != "all" &&
        revision.configuration().FindGroup(target.group()) == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("there is no group ", policy::Quoted(target.group())));
    }
    for (const v1::Policy* policy : revision.selector().policies()) {
      const auto& groups = policy->groups();
      if (target.group().empty() ||
          std::find(groups.begin(), groups.end(), target.group()) != groups.end()) {
        policies.push_back(policy);
      }
    }
  }
  v1::ListMappingsResponse response;
  for (policy::ListedMapping& listed : policy::ListMappings(policies, interface)) {
    v1::MappingEntry& entry = *response.add_mappings();
    entry.set_policy(std::move(listed.policy));
    entry.set_groups(std::move(listed.groups));
    entry.set_interface(std::move(listed.interface));
    *entry.mutable_mapping() = std::move(listed.mapping);
  }
  return response;
}

}  // namespace firebreak::controller
