// SPDX-License-Identifier: Apache-2.0
#include "controller/audit/audit_signer.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/passed.h"
#include "controller/store/audit.h"
#include "proto/audit/chain.h"

namespace firebreak::controller {

absl::StatusOr<v1::AuditHead> AuditSigner::SignEnd(absl::Time now) {
  v1::AuditHead head;
  absl::Status status = database_.Transact("read the audit trail", [&](Connection& connection) {
    ASSIGN_OR_RETURN(auto end, ReadAuditEnd(connection));
    head = std::move(end);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  head.mutable_at()->set_seconds(absl::ToUnixSeconds(now));
  ASSIGN_OR_RETURN(auto signature, authority_.Sign(AuditHeadStatement(head)));
  head.set_signature(std::move(signature));
  return head;
}

absl::Status AuditSigner::Seal(absl::Time now, bool now_or_never) {
  absl::MutexLock lock(&mutex_);
  if (!HasPassed(kInterval, last_seal_, now) && !now_or_never) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto head, SignEnd(now));
  last_seal_ = now;
  if (head.number() == sealed_) return absl::OkStatus();
  absl::Status status =
      database_.Transact("keep the end of the audit trail",
                         [&](Connection& connection) { return AppendAuditHead(connection, head); });
  if (!status.ok()) return status;
  sealed_ = head.number();
  // The log is stored elsewhere, so whoever changes the database cannot change this line.
  LogInfo("the audit trail has ", head.number(), " rows; the hash of the last is ",
          absl::BytesToHexString(head.hash()));
  return absl::OkStatus();
}

absl::Status AuditSigner::CheckLastSeal() {
  return database_.Transact("check the audit trail", [&](Connection& connection) -> absl::Status {
    const auto heads = ReadAuditHeads(connection);
    if (!heads.ok() || heads->empty()) return heads.status();
    const v1::AuditHead& last = heads->back();
    RETURN_IF_ERROR(CheckAuditHead(last, authority_.certificate_pem()));
    if (last.number() == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto rows, ReadAudit(connection, last.number() - 1, 1));
    if (!rows.empty() && rows.front().number() == last.number() &&
        rows.front().hash() == last.hash()) {
      return absl::OkStatus();
    }
    return absl::DataLossError(
        absl::StrCat("row ", last.number(),
                     " of the audit trail does not match its seal: the database was changed. Run "
                     "`firebreak audit verify` for details"));
  });
}

}  // namespace firebreak::controller
