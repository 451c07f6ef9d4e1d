// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_CHECK_H_
#define FIREBREAK_CONTROLLER_STORE_CHECK_H_

#include "absl/status/status.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// Checks that the database contains what was stored: SQLite's own structure, the schema of this
// program, each row, each content, the digest of each revision, and that the newest revision is the
// newest one in the audit trail. DataLoss names the first damage found. The chain of the audit
// trail is checked separately: see CheckTrail.
absl::Status CheckDatabase(Connection& connection);

// Checks only SQLite's own structure.
absl::Status CheckStructure(Connection& connection);

// Checks that each row of the audit trail follows from the row before it.
absl::Status CheckTrail(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_CHECK_H_
