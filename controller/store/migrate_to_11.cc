// SPDX-License-Identifier: Apache-2.0
#include "controller/store/migrations.h"

namespace firebreak::controller {

// Adds the table of rollouts.h.
absl::Status MigrateTo11(Connection& connection) {
  return connection.ExecuteScript(
      "CREATE TABLE rollouts ("
      " revision INTEGER PRIMARY KEY,"
      " record BLOB NOT NULL,"
      " row_digest BLOB NOT NULL DEFAULT x'') STRICT");
}

}  // namespace firebreak::controller
