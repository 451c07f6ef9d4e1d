// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/check.h"

#include "absl/strings/str_cat.h"
#include "policy/resources/names.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

constexpr size_t kMaxDescription = 4096;  // bytes
constexpr int kMaxLabels = 64;
constexpr int kMaxServicePorts = 256;

void CheckDescription(const std::string& description, Findings& findings) {
  if (description.size() <= kMaxDescription) return;
  findings.Add(FieldPath({}, "description"),
               absl::StrCat("the description is longer than ", kMaxDescription, " bytes"));
}

}  // namespace

void CheckResource(const v1::Resource& resource, const References& references, Findings& findings) {
  const FieldPath top;
  // Reading has already reported a missing name.
  if (!NameOf(resource).empty()) findings.Add(FieldPath(top, "name"), CheckName(NameOf(resource)));
  switch (resource.kind_case()) {
    case v1::Resource::kGroup:
      CheckDescription(resource.group().description(), findings);
      CheckGroup(resource.group(), findings);
      return;
    case v1::Resource::kPolicy:
      CheckDescription(resource.policy().description(), findings);
      CheckPolicy(resource.policy(), references, findings);
      return;
    case v1::Resource::kService:
      CheckDescription(resource.service().description(), findings);
      CheckService(resource.service(), findings);
      return;
    case v1::Resource::kLocation:
      CheckDescription(resource.location().description(), findings);
      CheckLocation(resource.location(), references.configuration, findings);
      return;
    case v1::Resource::kEdit: CheckEdit(resource.edit(), references, findings); return;
    case v1::Resource::kRolloutStrategy:
      CheckDescription(resource.rollout_strategy().description(), findings);
      CheckRolloutStrategy(resource.rollout_strategy(), references, findings);
      return;
    case v1::Resource::kInvariant:
      CheckInvariant(resource.invariant(), references, findings);
      return;
    case v1::Resource::kProbe:
      CheckDescription(resource.probe().description(), findings);
      CheckProbe(resource.probe(), references, findings);
      return;
    case v1::Resource::KIND_NOT_SET: findings.Add(top, "the resource is of no kind"); return;
  }
}

void CheckGroup(const v1::Group& group, Findings& findings) {
  const FieldPath top;
  if (group.name() == "all") {
    findings.Add(FieldPath(top, "name"),
                 "\"all\" is the built-in group of all hosts; choose another name");
  }
  const FieldPath match(top, "match");
  if (group.match().empty()) {
    findings.AddMissing(match,
                        "the group has no labels in \"match\"; for all hosts there is the "
                        "built-in group \"all\"");
  }
  if (group.match_size() > kMaxLabels) {
    findings.Add(match, absl::StrCat("the group matches more than ", kMaxLabels, " labels"));
  }
  // Sorted, because protobuf's map has no order.
  const std::map<std::string, std::string> labels(group.match().begin(), group.match().end());
  for (const auto& [key, value] : labels) {
    findings.Add(FieldPath(match, key), CheckLabel(key, value));
  }
}

void CheckService(const v1::Service& service, Findings& findings) {
  const FieldPath top;
  if (FindBuiltInService(service.name()) != nullptr) {
    findings.Add(FieldPath(top, "name"),
                 absl::StrCat("the service \"", service.name(),
                              "\" is built in and cannot be changed; choose another name"));
  }
  const FieldPath ports(top, "ports");
  if (service.ports().empty()) {
    findings.AddMissing(ports, "the service has no ports, such as \"tcp/443\" or \"esp\"");
  }
  if (service.ports_size() > kMaxServicePorts) {
    findings.Add(ports, absl::StrCat("the service has more than ", kMaxServicePorts, " ports"));
  }
  for (int i = 0; i < service.ports_size(); ++i) {
    findings.Add(FieldPath(top, "ports", i), ParseServicePort(service.ports(i)).status());
  }
}

}  // namespace firebreak::policy
