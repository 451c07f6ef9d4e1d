// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/published_revision.h"

#include <utility>
#include <vector>

#include "policy/compile/host_policy.h"
#include "policy/merge/merge.h"

namespace firebreak::controller {

std::shared_ptr<PublishedRevision::Entry> PublishedRevision::EntryFor(const std::string& host,
                                                                      const Labels& labels) {
  const bool named = selector_.IsNamed(host);
  if (!named) {
    absl::MutexLock lock(&mutex_);
    if (const auto found = by_labels_.find(labels); found != by_labels_.end()) return found->second;
  }
  std::vector<const v1::Policy*> policies = selector_.Select(host, labels);
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Entry>& entry = entries_[policy::Selector::KeyOf(policies)];
  if (entry == nullptr) entry = std::make_shared<Entry>(std::move(policies));
  if (!named) by_labels_.emplace(labels, entry);
  return entry;
}

absl::StatusOr<std::shared_ptr<const Assignment>> PublishedRevision::For(
    const std::string& host, const std::map<std::string, std::string>& labels) {
  const std::shared_ptr<Entry> entry = EntryFor(host, labels);
  absl::MutexLock lock(&entry->mutex);
  if (!entry->made) {
    entry->made = true;
    const auto merged = policy::HostPolicy(configuration(), entry->policies);
    entry->status = merged.status();
    if (!entry->status.ok()) return entry->status;
    auto assignment =
        MakeAssignment(number_, history_, policy::Serialize(*merged), merged->managed());
    entry->status = assignment.status();
    if (assignment.ok()) {
      assignment->needed = policy::NeededFor(*merged);
      entry->assignment = std::make_shared<const Assignment>(*std::move(assignment));
    }
  }
  if (!entry->status.ok()) return entry->status;
  return entry->assignment;
}

}  // namespace firebreak::controller
