// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/other_rules.h"

#include <map>
#include <string>
#include <utility>

#include "policy/merge/merge.h"
#include "policy/merge/rules.h"

namespace firebreak::controller {
namespace {

std::string RulesOf(const PublishedRevision& revision, const HostRecord& host) {
  return policy::Serialize(policy::RulesOf(
      policy::Merge(revision.configuration(), revision.selector().Select(host.name, host.labels))));
}

}  // namespace

uint32_t CountHostsWithOtherRules(PublishedRevision& before, PublishedRevision& after,
                                  const std::vector<HostRecord>& hosts) {
  // The keys are the policy that a host has and the policy that it gets; most hosts share both.
  std::map<std::pair<std::string, std::string>, bool> differ;
  uint32_t count = 0;
  for (const HostRecord& host : hosts) {
    const auto had = before.For(host.name, host.labels);
    const auto has = after.For(host.name, host.labels);
    if (had.ok() && has.ok() && (*had)->policy_digest == (*has)->policy_digest) continue;
    if (!had.ok() || !has.ok()) {
      ++count;
      continue;
    }
    const auto [known, is_new] =
        differ.try_emplace({(*had)->policy_digest, (*has)->policy_digest}, true);
    if (is_new) known->second = RulesOf(before, host) != RulesOf(after, host);
    if (known->second) ++count;
  }
  return count;
}

}  // namespace firebreak::controller
