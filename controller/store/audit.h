// SPDX-License-Identifier: Apache-2.0
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

// One line of the audit trail: who did what to which object, from where, and with what result.
struct AuditEntry {
  std::string actor;   // "admin/admin", "host/web1", or "" for a stranger
  std::string peer;    // IP address and port
  std::string action;  // "apply", "enrol", …
  std::string object;  // "revision 12", "host web1", …
  std::string result;  // "done" or "refused"
  std::string detail;

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

// The number of refused attempts whose texts are kept; older ones keep a hundred bytes each, so
// that no stranger can fill the disk with texts. Entries about changes that were made are kept for
// ever.
inline constexpr int64_t kRefusalsKept = 20'000;

// Appends a row to the chain of proto/audit/chain.h. Bytes that are not UTF-8 become '?'.
absl::Status AppendAudit(Connection& connection, absl::Time at, const AuditEntry& entry);

// Appends a row of another copy of this trail, unchanged.
absl::Status CopyAuditRow(Connection& connection, const v1::AuditRow& row);

// Drops the texts of the oldest refused attempts: kRefusalsKept of strangers keep their text, and
// as many of callers that the fleet knows, so that neither group displaces the other. The rows
// stay.
absl::Status TrimAudit(Connection& connection);

// Selects rows; an empty field does not restrict.
struct AuditFilter {
  std::string actor;  // a name with or without "admin/" or "host/"
  std::string host;   // the host that acted, or was acted on
  std::optional<absl::Time> since;
};

// Returns up to `limit` rows with numbers above `after`.
absl::StatusOr<std::vector<v1::AuditRow>> ReadAudit(Connection& connection, uint64_t after,
                                                    int64_t limit, const AuditFilter& filter = {});
// Returns the number behind which the last `count` selected rows are; 0 if there are fewer.
absl::StatusOr<uint64_t> FindLastAudit(Connection& connection, uint64_t count,
                                       const AuditFilter& filter);

// Returns the number and the hash of the last row; 0 and FirstAuditHash() if the trail is empty.
// Not signed.
absl::StatusOr<v1::AuditHead> ReadAuditEnd(Connection& connection);

// ReadAuditHeads returns all signed heads, oldest first; AppendAuditHead adds one.
absl::StatusOr<std::vector<v1::AuditHead>> ReadAuditHeads(Connection& connection);
absl::Status AppendAuditHead(Connection& connection, const v1::AuditHead& head);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_AUDIT_H_
