// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_DRIFT_LOG_H_
#define FIREBREAK_CONTROLLER_FLEET_DRIFT_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/store/database.h"
#include "controller/store/hosts.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {

// Records in the audit trail what other programs changed in hosts' rules, as the hosts report it.
// The changes on one host make at most one entry in kInterval, which says how often the rules were
// changed. The part that is already in the audit trail is stored with its rows, so that changes
// that wait for an entry survive the process.
//
// Thread-safe. Record does no I/O; Flush writes, and must be called by one thread.
class DriftLog {
 public:
  static constexpr absl::Duration kInterval = absl::Minutes(1);

  explicit DriftLog(Database& database) : database_(database) {}

  // Must be called first; `hosts` are the hosts as stored. Records the changes that they had
  // reported and that are not in the audit trail.
  absl::Status Load(const std::vector<StoredHost>& hosts) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes the host's present report; an unchanged report is not recorded again.
  void Record(absl::string_view host, absl::string_view peer, const v1::Drift& drift)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // `closing`: this is the last call, so nothing waits for its interval. Whatever could not be
  // written is kept for the next call.
  absl::Status Flush(absl::Time now, bool closing = false) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Host {
    std::string peer;
    v1::Drift drift;  // the host's last report
    bool pending = false;
    uint64_t times = 0;  // changes since the last entry
    absl::Time written_at = absl::InfinitePast();
  };

  Database& database_;
  absl::Mutex mutex_;
  std::map<std::string, Host, std::less<>> hosts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_DRIFT_LOG_H_
