#include "controller/fleet/published_revision.h"

#include <vector>

#include "policy/compile/check_size.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"

namespace firebreak::controller {

absl::StatusOr<std::shared_ptr<const Assignment>> PublishedRevision::For(
    const std::string& host, const std::map<std::string, std::string>& labels) {
  const std::vector<const v1::Policy*> policies = selector_.Select(host, labels);
  std::shared_ptr<Entry> entry;
  {
    absl::MutexLock lock(&mutex_);
    std::shared_ptr<Entry>& kept = entries_[policy::Selector::KeyOf(policies)];
    if (kept == nullptr) kept = std::make_shared<Entry>();
    entry = kept;
  }
  absl::MutexLock lock(&entry->mutex);
  if (!entry->made) {
    entry->made = true;
    const v1::EffectivePolicy merged = policy::Merge(configuration(), policies);
    // Only the merged policy tells whether a host gets more than its agent would take.
    entry->status = policy::CheckEffective(merged);
    if (entry->status.ok()) entry->status = policy::CheckSize(merged);
    if (!entry->status.ok()) return entry->status;
    auto assignment = MakeAssignment(number_, policy::Serialize(merged), merged.managed());
    entry->status = assignment.status();
    if (assignment.ok()) {
      entry->assignment = std::make_shared<const Assignment>(*std::move(assignment));
    }
  }
  if (!entry->status.ok()) return entry->status;
  return entry->assignment;
}

}  // namespace firebreak::controller
