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

// Records in the audit trail what others changed of the rules of hosts, as the hosts tell it. A
// host's changes make at most one entry in kInterval: hosts tell how often, not just that. How much
// of it is in the audit trail is stored with the rows, so that what waits for its entry is not
// forgotten with the process.
//
// Thread-safe. Record does no I/O; Flush writes, and is called by one thread.
class DriftLog {
 public:
  static constexpr absl::Duration kInterval = absl::Minutes(1);

  explicit DriftLog(Database& database) : database_(database) {}

  // Before anything else: `hosts` are as they were stored. What they had told, and what is not in
  // the audit trail, is recorded.
  absl::Status Load(const std::vector<StoredHost>& hosts) ABSL_LOCKS_EXCLUDED(mutex_);

  // What the host tells now; the same as it told last is not recorded again.
  void Record(absl::string_view host, absl::string_view peer, const v1::Drift& drift)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // `closing`: there is no next time, so nothing waits for its interval. What could not be written
  // is kept for the next time.
  absl::Status Flush(absl::Time now, bool closing = false) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Host {
    std::string peer;
    v1::Drift drift;  // as it was told last
    bool pending = false;
    uint64_t times = 0;  // since the last entry
    absl::Time written_at = absl::InfinitePast();
  };

  Database& database_;
  absl::Mutex mutex_;
  std::map<std::string, Host, std::less<>> hosts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_DRIFT_LOG_H_
