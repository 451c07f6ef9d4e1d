#include "controller/store/audit.h"

namespace firebreak::controller {

absl::Status AppendAudit(Connection& connection, absl::Time at, const AuditEntry& entry) {
  return connection.Execute(
      "INSERT INTO audit (at, actor, peer, action, object, result, detail)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
      {Stored(at), entry.actor, entry.peer, entry.action, entry.object, entry.result,
       entry.detail});
}

absl::Status TrimAudit(Connection& connection) {
  return connection.Execute(
      "DELETE FROM audit WHERE result = 'refused' AND seq <= ("
      " SELECT seq FROM audit WHERE result = 'refused' ORDER BY seq DESC LIMIT 1 OFFSET ?)",
      {kRefusalsKept});
}

}  // namespace firebreak::controller
