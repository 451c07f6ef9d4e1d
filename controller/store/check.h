#ifndef FIREBREAK_CONTROLLER_STORE_CHECK_H_
#define FIREBREAK_CONTROLLER_STORE_CHECK_H_

#include "absl/status/status.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// Whether the database holds what was stored: SQLite's own structure, the schema that this program
// makes, each row, each content, the digest of each revision, and that the newest revision is the
// one that the audit trail tells of. DataLoss names the first thing that is damaged. The audit
// trail's own chain is another matter: see CheckTrail.
absl::Status CheckDatabase(Connection& connection);

// Checks SQLite's own structure alone.
absl::Status CheckStructure(Connection& connection);

// Whether each row of the audit trail follows the one before it.
absl::Status CheckTrail(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_CHECK_H_
