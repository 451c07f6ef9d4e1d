#ifndef FIREBREAK_CONTROLLER_STORE_AUDIT_H_
#define FIREBREAK_CONTROLLER_STORE_AUDIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// One line of the audit trail: who did what to which object, from where, and what came of it.
struct AuditEntry {
  std::string actor;   // "admin/admin", "host/web1", or "" for a stranger
  std::string peer;    // IP address and port
  std::string action;  // "apply", "enrol", …
  std::string object;  // "revision 12", "host web1", …
  std::string result;  // "done" or "refused"
  std::string detail;

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

// The texts of so many refused attempts are kept, and of the others a hundred bytes each, so that
// no stranger can fill the disk with what he writes; what was done is kept for ever.
inline constexpr int64_t kRefusalsKept = 20'000;

// Appends a row to the chain of proto/audit/chain.h. Bytes that are no UTF-8 become '?'.
absl::Status AppendAudit(Connection& connection, absl::Time at, const AuditEntry& entry);

// A row of another copy of this trail, as it is there.
absl::Status CopyAuditRow(Connection& connection, const v1::AuditRow& row);

// Drops the text of the oldest refused attempts beyond kRefusalsKept of strangers, and as many of
// callers whom the fleet knows: neither pushes out the others. The rows stay.
absl::Status TrimAudit(Connection& connection);

// Which rows are meant; what is empty does not restrict.
struct AuditFilter {
  std::string actor;  // a name with or without "admin/" or "host/"
  std::string host;   // that did it, or to which it was done
  std::optional<absl::Time> since;
};

// Up to `limit` rows behind number `after`.
absl::StatusOr<std::vector<v1::AuditRow>> ReadAudit(Connection& connection, uint64_t after,
                                                    int64_t limit, const AuditFilter& filter = {});
// The number behind which the last `count` such rows are; 0 if there are fewer.
absl::StatusOr<uint64_t> FindLastAudit(Connection& connection, uint64_t count,
                                       const AuditFilter& filter);

// The number and the hash of the last row; 0 and FirstAuditHash() of none. Not signed.
absl::StatusOr<v1::AuditHead> ReadAuditEnd(Connection& connection);

// Heads that were signed, oldest first; and one more.
absl::StatusOr<std::vector<v1::AuditHead>> ReadAuditHeads(Connection& connection);
absl::Status AppendAuditHead(Connection& connection, const v1::AuditHead& head);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_AUDIT_H_
