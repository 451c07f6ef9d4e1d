#ifndef FIREBREAK_CONTROLLER_FLEET_HOST_EVENT_LOG_H_
#define FIREBREAK_CONTROLLER_FLEET_HOST_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/fleet/host_lines.h"
#include "controller/identity/refusal_log.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/host_events.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::controller {

// What hosts tell of themselves as it happens. Where their interfaces are goes to the log, proof
// that was none to the refused attempts, and what a host's own administrator did to the audit
// trail.
//
// Numbered events are taken once: how far a host's numbers have been taken is stored in the same
// transaction as the audit trail's rows, so that what a host sends again after a crash of either
// side is known. Numbers that are missing were given up by the host, and their count is recorded:
// it is stored with how far they are taken, and goes into the audit trail at most once a minute.
//
// Thread-safe. Record does no I/O on the disk; Flush writes, and is called by one thread. A host
// has at most kMaxWaiting events here, and at most kMaxRowsAMinute of those that make a row of the
// audit trail are taken a minute: it waits for being told that they are.
class HostEventLog {
 public:
  static constexpr size_t kMaxWaiting = 64;
  static constexpr int kMaxRowsAMinute = 60;

  HostEventLog(Database& database, RefusalLog& refusals)
      : database_(database), refusals_(refusals) {}

  void Record(absl::string_view host, absl::string_view peer, const v1::HostEvent& event)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `taken` for each host with the number up to which its events are durable now. What could
  // not be written is kept for the next time.
  absl::Status Flush(absl::Time now,
                     absl::FunctionRef<void(absl::string_view host, uint64_t number)> taken)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    std::string peer;
    v1::HostEvent event;
  };
  struct Host {
    std::deque<Waiting> waiting;
    absl::Time minute = absl::InfinitePast();
    int rows = 0;       // since then
    std::string peer;   // of the last event
    bool lost = false;  // events, of which no row tells yet
    absl::Time told_lost = absl::InfinitePast();
  };
  // What is to be written of one host.
  struct Batch {
    std::vector<Waiting> waiting;
    std::string peer;
    bool tell_lost = false;  // if there is anything to tell
  };
  // What a transaction did for one host.
  struct Taken {
    EventMark mark;
    std::vector<Waiting> events;  // that are new
    bool told_lost = false;
  };

  static bool MakesRow(const v1::HostEvent& event);
  // As many as may be written now.
  std::map<std::string, Batch> TakeWaiting(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // What was counted before this program was started, and not told.
  absl::Status LoadLost() ABSL_LOCKS_EXCLUDED(mutex_);
  static absl::StatusOr<Taken> Store(Connection& connection, const std::string& host,
                                     const Batch& batch, absl::Time now);
  // To the log and to the refused attempts.
  void Tell(absl::string_view host, const Waiting& told, absl::Time now);

  Database& database_;
  RefusalLog& refusals_;
  HostLines lines_;
  absl::Mutex mutex_;
  std::map<std::string, Host, std::less<>> hosts_ ABSL_GUARDED_BY(mutex_);
  bool loaded_lost_ = false;  // Flush's alone
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_HOST_EVENT_LOG_H_
