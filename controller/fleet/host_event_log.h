#ifndef FIREBREAK_CONTROLLER_FLEET_HOST_EVENT_LOG_H_
#define FIREBREAK_CONTROLLER_FLEET_HOST_EVENT_LOG_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/identity/refusal_log.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::controller {

// What hosts tell of themselves as it happens. Where their interfaces are goes to the log, proof
// that was none to the refused attempts, and what a host's own administrator did to the audit
// trail: numbered events only count as taken once that is durable.
//
// Thread-safe. Record does no I/O on the disk; Flush writes, and is called by one thread. A host
// that tells more than kMaxAMinute loses what is not numbered, and is not believed the rest yet.
class HostEventLog {
 public:
  static constexpr int kMaxAMinute = 1000;
  static constexpr size_t kMaxWaiting = 10'000;

  HostEventLog(Database& database, RefusalLog& refusals)
      : database_(database), refusals_(refusals) {}

  void Record(absl::string_view host, absl::string_view peer, const v1::HostEvent& event)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `taken` for each host with the number of its last event that is durable now. What could
  // not be written is kept for the next time.
  absl::Status Flush(absl::Time now,
                     absl::FunctionRef<void(absl::string_view host, uint64_t number)> taken)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    std::string host;
    uint64_t number;
    absl::Time at;
    AuditEntry entry;
  };
  struct Rate {
    absl::Time minute = absl::InfinitePast();
    int events = 0;
  };

  bool IsTooMuch(absl::string_view host, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Database& database_;
  RefusalLog& refusals_;
  absl::Mutex mutex_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Rate, std::less<>> rates_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_HOST_EVENT_LOG_H_
