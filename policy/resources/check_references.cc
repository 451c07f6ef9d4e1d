// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/check_references.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::policy {

void CheckGroupReference(const std::string& reference, const FieldPath& path,
                         const References& references, Findings& findings) {
  absl::string_view host = reference;
  if (absl::ConsumePrefix(&host, "host:")) {
    if (references.hosts.contains(std::string(host))) return;
    if (const absl::Status name = CheckName(host); !name.ok()) {
      findings.Add(path, name);
      return;
    }
    findings.Warn(
        path,
        absl::StrCat("no host ", Quoted(host), " has enrolled yet: this is for it once it has",
                     DidYouMean(host, {references.hosts.begin(), references.hosts.end()})));
    return;
  }
  if (reference == "all" || references.configuration.FindGroup(reference) != nullptr) return;
  std::vector<std::string> names = {"all"};
  for (const auto& [key, resource] : references.configuration.resources()) {
    if (resource->has_group()) names.push_back(resource->group().name());
  }
  findings.Add(path,
               absl::StrCat("unknown group ", Quoted(reference), DidYouMean(reference, names)));
}

void CheckLocationReference(const std::string& location, const FieldPath& path,
                            const References& references, Findings& findings) {
  if (location == kElsewhere || references.configuration.FindLocation(location) != nullptr) return;
  std::vector<std::string> names = {kElsewhere};
  for (const auto& [key, resource] : references.configuration.resources()) {
    if (resource->has_location()) names.push_back(resource->location().name());
  }
  findings.Add(path,
               absl::StrCat("unknown location ", Quoted(location), DidYouMean(location, names)));
}

}  // namespace firebreak::policy
