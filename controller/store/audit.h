#ifndef FIREBREAK_CONTROLLER_STORE_AUDIT_H_
#define FIREBREAK_CONTROLLER_STORE_AUDIT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"

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

// Refused attempts are kept in this number, so that no stranger can fill the disk with them;
// what was done is kept for ever.
inline constexpr int64_t kRefusalsKept = 20'000;

absl::Status AppendAudit(Connection& connection, absl::Time at, const AuditEntry& entry);

// Deletes the oldest refused attempts beyond kRefusalsKept.
absl::Status TrimAudit(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_AUDIT_H_
