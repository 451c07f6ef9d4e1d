// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_PUBLISHED_REVISION_H_
#define FIREBREAK_CONTROLLER_FLEET_PUBLISHED_REVISION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/assignment.h"
#include "policy/merge/select.h"
#include "policy/resources/configuration.h"

namespace firebreak::controller {

// One revision of the fleet's configuration, and the resulting policy of each host. Policies are
// merged and serialized once for each distinct set of policies that some host has. The first caller
// that asks for a set does the work; others that ask for the same set wait, and the rest do not.
// The set is computed once for all hosts with the same labels, unless a policy names the host.
// Thread-safe.
class PublishedRevision {
 public:
  // `history` goes with each push; it is empty for a revision that is never pushed.
  PublishedRevision(uint64_t number, policy::Configuration configuration, v1::History history = {})
      : number_(number), history_(std::move(history)), selector_(std::move(configuration)) {}

  uint64_t number() const { return number_; }
  const v1::History& history() const { return history_; }
  const policy::Configuration& configuration() const { return selector_.configuration(); }
  const policy::Selector& selector() const { return selector_; }

  // Returns equal pointers for hosts with the same policies.
  absl::StatusOr<std::shared_ptr<const Assignment>> For(
      const std::string& host, const std::map<std::string, std::string>& labels)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Labels = std::map<std::string, std::string>;
  struct Entry {
    explicit Entry(std::vector<const v1::Policy*> selected) : policies(std::move(selected)) {}

    const std::vector<const v1::Policy*> policies;
    absl::Mutex mutex;
    bool made ABSL_GUARDED_BY(mutex) = false;
    absl::Status status ABSL_GUARDED_BY(mutex);
    std::shared_ptr<const Assignment> assignment ABSL_GUARDED_BY(mutex);
  };

  // Returns the entry that all hosts with the same policies share.
  std::shared_ptr<Entry> EntryFor(const std::string& host, const Labels& labels)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const uint64_t number_;
  const v1::History history_;
  const policy::Selector selector_;
  absl::Mutex mutex_;
  // Entries by the set of policies, and by the labels of hosts that no policy names.
  absl::flat_hash_map<std::string, std::shared_ptr<Entry>> entries_ ABSL_GUARDED_BY(mutex_);
  std::map<Labels, std::shared_ptr<Entry>> by_labels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_PUBLISHED_REVISION_H_
