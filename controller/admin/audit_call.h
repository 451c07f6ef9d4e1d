// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_AUDIT_CALL_H_
#define FIREBREAK_CONTROLLER_ADMIN_AUDIT_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "controller/audit/audit_signer.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// One ReadAudit call: sends the rows page by page, each page when the caller has taken the one
// before; then, if the call follows the trail, new rows as they are written. Owned by itself until
// gRPC is done with it.
class AuditCall final : public grpc::ServerWriteReactor<v1::AuditRows>,
                        public AuditWatcher,
                        public std::enable_shared_from_this<AuditCall> {
 public:
  static constexpr int64_t kPageRows = 500;

  // Both `database` and `audit_signer` must outlive the call.
  static AuditCall* Start(Database& database, AuditSigner& audit_signer,
                          v1::ReadAuditRequest request);

  void OnAudited() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  AuditCall(Database& database, AuditSigner& audit_signer, v1::ReadAuditRequest request);

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  AuditFilter Filter() const;
  absl::Status AddHeads() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Reads the next page into outgoing_. Returns false if there is none.
  absl::StatusOr<bool> ReadPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves to the place before the last rows that the request asks for.
  absl::Status SkipToLast() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GoOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Database& database_;
  AuditSigner& audit_signer_;
  const v1::ReadAuditRequest request_;
  absl::Mutex mutex_;
  std::shared_ptr<AuditCall> self_ ABSL_GUARDED_BY(mutex_);
  uint64_t after_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool first_ ABSL_GUARDED_BY(mutex_) = true;
  v1::AuditRows outgoing_;                        // used by gRPC while it is written
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;  // whether the call waits for new rows
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_AUDIT_CALL_H_
