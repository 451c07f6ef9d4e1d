#ifndef FIREBREAK_CONTROLLER_AUDIT_NOTARY_H_
#define FIREBREAK_CONTROLLER_AUDIT_NOTARY_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/pki/authority.h"
#include "controller/store/database.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// Signs where the audit trail ends, with the CA's key: see proto/audit/chain.h for what that
// proves. Thread-safe.
class Notary {
 public:
  // A head is kept, and told in the log, this often if the trail has grown.
  static constexpr absl::Duration kInterval = absl::Hours(1);

  Notary(Database& database, const Authority& authority)
      : database_(database), authority_(authority) {}

  // The end of the trail as it is now.
  absl::StatusOr<v1::AuditHead> SignEnd(absl::Time now);

  // Keeps a signed head, if it is time or `now_or_never` and the trail has grown.
  absl::Status Seal(absl::Time now, bool now_or_never = false) ABSL_LOCKS_EXCLUDED(mutex_);

  // DataLoss: the database does not have the row that a kept head says it ended with.
  absl::Status CheckLastSeal();

 private:
  Database& database_;
  const Authority& authority_;
  absl::Mutex mutex_;
  absl::Time last_seal_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  uint64_t sealed_ ABSL_GUARDED_BY(mutex_) = 0;  // number of the last kept head
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_AUDIT_NOTARY_H_
