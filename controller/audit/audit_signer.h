// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_AUDIT_AUDIT_SIGNER_H_
#define FIREBREAK_CONTROLLER_AUDIT_AUDIT_SIGNER_H_

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

// Signs the end of the audit trail with the CA's key; proto/audit/chain.h says what that proves.
// Thread-safe.
class AuditSigner {
 public:
  // A signed head is stored and logged this often, if the trail has grown.
  static constexpr absl::Duration kInterval = absl::Hours(1);

  AuditSigner(Database& database, const Authority& authority)
      : database_(database), authority_(authority) {}

  // Signs the present end of the trail.
  absl::StatusOr<v1::AuditHead> SignEnd(absl::Time now);

  // Stores a signed head if the trail has grown, and either the interval has passed or
  // `now_or_never` is set.
  absl::Status Seal(absl::Time now, bool now_or_never = false) ABSL_LOCKS_EXCLUDED(mutex_);

  // DataLoss: the last row that a stored head covers is not in the database.
  absl::Status CheckLastSeal();

 private:
  Database& database_;
  const Authority& authority_;
  absl::Mutex mutex_;
  absl::Time last_seal_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  uint64_t sealed_ ABSL_GUARDED_BY(mutex_) = 0;  // number of the last stored head
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_AUDIT_AUDIT_SIGNER_H_
