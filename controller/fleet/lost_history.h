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
#include "controller/pki/authority.h"
#include "controller/store/database.h"
#include "controller/store/restores.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::controller {

// Finds by the receipts of hosts that the controller has forgotten something: its data directory
// was set back as a whole, so that nothing in it tells. A host that proves a revision which this
// controller must have pushed, and does not know, is a witness; from then on nothing is pushed and
// nothing is changed, lest hosts get an older policy that nobody meant. It ends with
// `firebreak-controller restore`.
//
// Each push carries the controller's signature, so no host can make one up. Thread-safe; what it
// refers to must outlive it.
class LostHistory {
 public:
  LostHistory(Database& database, const Authority& authority)
      : database_(database), authority_(authority) {}

  // What earlier runs found. Called once, before all else.
  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_);

  // The history of a revision that is about to be pushed.
  absl::StatusOr<v1::History> Sign(uint64_t revision, uint64_t restores,
                                   absl::string_view digest) const;

  // Looks at a receipt while the revision `newest` with `known` is the newest.
  void OnReceipt(const std::string& host, const std::string& address, const v1::Receipt& receipt,
                 uint64_t newest, const v1::History& known) ABSL_LOCKS_EXCLUDED(mutex_);

  // Why nothing is pushed, and the way on; empty: all is well.
  std::string Reason() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool found() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes new witnesses into the database, and a row of the audit trail for each host's first.
  absl::Status Flush() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Found {
    Witness witness;
    std::string address;
    uint64_t newest = 0;  // that was known
  };

  Database& database_;
  const Authority& authority_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Witness, std::less<>> witnesses_ ABSL_GUARDED_BY(mutex_);
  std::vector<Found> unwritten_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_LOST_HISTORY_H_
