// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_REFUSED_ATTEMPTS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_REFUSED_ATTEMPTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"

namespace firebreak::controller {

// Records refused attempts in the audit trail and in the log. Anybody who can reach the port can
// cause them, so their cost is bounded. Within kWindow, the attempts of one origin for one reason
// make one entry, and one more with their number when the window ends. An origin is a caller whom
// the fleet's CA names or, for strangers, an IPv4 address or an IPv6 /64. If an origin has more
// than kDistinctOfOne reasons, the further ones share one entry, so that they do not hide the
// attempts of others.
//
// Beyond kDistinct entries, strangers' attempts are only counted, and beyond kDistinctNamed entries
// those of named callers. So no number of strangers can hide what a host of the fleet does.
//
// Thread-safe. Record does no disk I/O; Flush writes the recorded attempts, at most a second late,
// and must be called by one thread.
class RefusedAttempts {
 public:
  static constexpr absl::Duration kWindow = absl::Minutes(10);
  static constexpr size_t kDistinct = 100;
  static constexpr size_t kDistinctNamed = 1000;
  static constexpr size_t kDistinctOfOne = 20;

  explicit RefusedAttempts(Database& database) : database_(database) {}

  // Sets `entry.result` to "refused".
  void Record(AuditEntry entry, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // `closing`: this is the last call, so the window ends. Whatever could not be written is kept for
  // the next call.
  absl::Status Flush(absl::Time now, bool closing = false) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Origin = std::pair<std::string, std::string>;  // the actor, or the network of a stranger
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  struct Attempts {
    uint64_t number;  // the order of the first attempts, whatever the clock says
    AuditEntry first;
    absl::Time at;
    int64_t more = 0;
    bool written = false;
  };

  struct Others {
    int64_t of_strangers = 0;
    int64_t of_named = 0;
  };

  static Origin OriginOf(const AuditEntry& entry);

  Database& database_;
  absl::Mutex mutex_;
  std::map<Key, Attempts> attempts_ ABSL_GUARDED_BY(mutex_);
  std::map<Origin, size_t> distinct_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t strangers_ ABSL_GUARDED_BY(mutex_) = 0;  // strangers' entries in attempts_
  // Attempts that are only counted.
  Others others_ ABSL_GUARDED_BY(mutex_);
  absl::Time window_begin_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_REFUSED_ATTEMPTS_H_
