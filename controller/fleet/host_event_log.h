// SPDX-License-Identifier: Apache-2.0
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
#include "controller/identity/refused_attempts.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/host_events.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::controller {

// Takes the events that hosts report as they happen: moves of interfaces go to the log, failed
// proofs of locations to the refused attempts, and what a host's own administrator did to the audit
// trail.
//
// Each numbered event is taken once: the last number taken is stored in the same transaction as the
// audit trail's rows, so that an event that a host sends again after a crash of either side is
// recognized. A missing number means that the host dropped the event. Missing events are counted;
// the count is stored together with the last number, and goes into the audit trail at most once a
// minute.
//
// Thread-safe. Record does no disk I/O; Flush writes, and must be called by one thread. At most
// kMaxWaiting events of a host wait here, and at most kMaxRowsAMinute of its events that make a row
// of the audit trail are taken in a minute; the host waits until it is told that its events are
// taken.
class HostEventLog {
 public:
  static constexpr size_t kMaxWaiting = 64;
  static constexpr int kMaxRowsAMinute = 60;

  HostEventLog(Database& database, RefusedAttempts& refusals)
      : database_(database), refusals_(refusals) {}

  void Record(absl::string_view host, absl::string_view peer, const v1::HostEvent& event)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `taken` for each host with the number up to which its events are durable now. Whatever
  // could not be written is kept for the next call.
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
    int rows = 0;       // rows since `minute`
    std::string peer;   // the address from which the last event came
    bool lost = false;  // whether events were lost that no row mentions yet
    absl::Time told_lost = absl::InfinitePast();
  };
  // The events of one host that are to be written.
  struct Batch {
    std::vector<Waiting> waiting;
    std::string peer;
    bool tell_lost = false;  // whether a row may say how many events were lost
  };
  // The result of a transaction for one host.
  struct Taken {
    EventMark mark;
    std::vector<Waiting> events;  // the new events
    bool told_lost = false;
  };

  static bool MakesRow(const v1::HostEvent& event);
  // Takes as many waiting events as may be written now.
  std::map<std::string, Batch> RemoveWaiting(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Loads the counts of lost events that an earlier process has not written to the audit trail.
  absl::Status LoadLost() ABSL_LOCKS_EXCLUDED(mutex_);
  static absl::StatusOr<Taken> Store(Connection& connection, const std::string& host,
                                     const Batch& batch, absl::Time now);
  // Writes to the log and to the refused attempts.
  void Tell(absl::string_view host, const Waiting& told, absl::Time now);

  Database& database_;
  RefusedAttempts& refusals_;
  HostLines lines_;
  absl::Mutex mutex_;
  std::map<std::string, Host, std::less<>> hosts_ ABSL_GUARDED_BY(mutex_);
  bool loaded_lost_ = false;  // used by Flush only
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_HOST_EVENT_LOG_H_
