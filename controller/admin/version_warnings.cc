// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/version_warnings.h"

#include "absl/strings/str_cat.h"
#include "controller/admin/effective_policies.h"
#include "proto/endpoint/version.h"

namespace firebreak::controller {
namespace {

std::string OtherVersion(const std::vector<std::string>& hosts, const std::string& version) {
  const bool one = hosts.size() == 1;
  const std::string agents =
      version.empty()
          ? absl::StrCat(one ? "has" : "have", " not reported the version of the agent yet")
          : absl::StrCat(one ? "runs" : "run", " agents of version ", version);
  return absl::StrCat(
      HostsText(hosts), " ", agents, ": this plan is exact for version ", kVersion,
      ", which the controller runs; another version may make different rules from the same policy");
}

std::string Lacking(const std::vector<std::string>& hosts, const std::string& what) {
  const bool one = hosts.size() == 1;
  return absl::StrCat(HostsText(hosts), " would not be sent the change and ",
                      one ? "keeps" : "keep", " the present rules: ", what,
                      ": upgrade the agent first");
}

std::string Behind(const std::vector<std::string>& hosts, uint64_t revision) {
  const bool one = hosts.size() == 1;
  return absl::StrCat(HostsText(hosts), one ? " has" : " have",
                      " another policy than this controller makes of revision ", revision,
                      ", from before or from another version of the controller: for ",
                      one ? "it" : "them", " more changes than the plan lists");
}

}  // namespace

std::vector<std::string> VersionWarnings(PublishedRevision& before, PublishedRevision& after,
                                         std::span<const StoredHost> hosts,
                                         const LabelChanges& labels,
                                         const std::map<std::string, uint32_t>& capabilities) {
  std::map<std::string, std::vector<std::string>> others, lacking;
  std::vector<std::string> behind;
  for (const StoredHost& host : hosts) {
    if (host.record.revoked()) continue;
    const std::string& name = host.record.name;
    const auto had = before.For(name, host.record.labels);
    // Whether the host enforces another policy than the plan assumes for the state before the
    // change.
    const std::string& enforces = host.report.receipt.policy_digest();
    if (had.ok() && !enforces.empty() && (*had)->policy_digest != enforces) behind.push_back(name);
    const auto gets = after.For(name, LabelsAfter(host.record, labels));
    if (!gets.ok() || (had.ok() && (*had)->policy_digest == (*gets)->policy_digest)) continue;
    if (host.report.agent_version != kVersion) others[host.report.agent_version].push_back(name);
    const auto connected = capabilities.find(name);
    const policy::NeededCapability& needed = (*gets)->needed;
    if (connected == capabilities.end() || needed.capability <= connected->second) continue;
    lacking[absl::StrCat("the policy sets `", needed.because, "`, which takes an agent of ",
                         "capability ", needed.capability, ", not ", connected->second)]
        .push_back(name);
  }
  std::vector<std::string> warnings;
  warnings.reserve(lacking.size() + others.size() + 1);
  for (const auto& [what, names] : lacking) warnings.push_back(Lacking(names, what));
  for (const auto& [version, names] : others) warnings.push_back(OtherVersion(names, version));
  if (!behind.empty()) warnings.push_back(Behind(behind, before.number()));
  return warnings;
}

}  // namespace firebreak::controller
