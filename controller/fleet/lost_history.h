// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_LOST_HISTORY_H_
#define FIREBREAK_CONTROLLER_FLEET_LOST_HISTORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/fleet/host_lines.h"
#include "controller/pki/authority.h"
#include "controller/store/database.h"
#include "controller/store/restores.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::controller {

// Detects by the receipts of hosts that the controller's data directory was set back as a whole,
// which nothing in the directory itself can show. A host is a witness if it proves a revision that
// this controller must have pushed but does not know. After the first witness, nothing is pushed or
// changed, so that no host gets an older policy by accident. `firebreak-controller restore` ends
// this state.
//
// Each push carries the controller's signature, so no host can invent a revision. Thread-safe. All
// constructor arguments must outlive this object.
class LostHistory {
 public:
  LostHistory(Database& database, const Authority& authority)
      : database_(database), authority_(authority) {}

  // Loads what earlier runs found. Must be called once, before all other methods.
  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns the signed history for a revision that is about to be pushed.
  absl::StatusOr<v1::History> Sign(uint64_t revision, uint64_t restores,
                                   absl::string_view digest) const;

  // Checks a receipt that arrived while `newest` was the newest revision and `known` its history.
  void OnReceipt(const std::string& host, const std::string& address, const v1::Receipt& receipt,
                 uint64_t newest, const v1::History& known) ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns why nothing is pushed and what to do about it; empty if all is well.
  std::string Reason() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool found() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes new witnesses into the database, and a row of the audit trail for each host's first
  // proof.
  absl::Status Flush() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Found {
    Witness witness;
    std::string address;
    uint64_t newest = 0;  // the newest revision that the controller knew
  };

  Database& database_;
  const Authority& authority_;
  HostLines lines_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Witness, std::less<>> witnesses_ ABSL_GUARDED_BY(mutex_);
  std::vector<Found> unwritten_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_LOST_HISTORY_H_
