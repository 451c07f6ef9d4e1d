// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/log_policies.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::cli {

absl::Status CheckPolicies(Invocation& invocation, const LogOptions& options) {
  const auto asked = options.values.find(v1::LogTerm::POLICY);
  if (asked == options.values.end()) return absl::OkStatus();
  v1::GetResourcesRequest request;
  request.set_kind("policy");
  ASSIGN_OR_RETURN(const v1::GetResourcesResponse policies,
                   invocation.Call(&v1::Admin::Stub::GetResources, request));
  std::set<std::string> known;
  for (const v1::Resource& resource : policies.resources()) known.insert(resource.policy().name());
  for (const std::string& name : asked->second) {
    if (known.contains(name)) continue;
    return absl::NotFoundError(absl::StrCat("there is no policy '", name,
                                            "', and no record that the search found names it"));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::cli
