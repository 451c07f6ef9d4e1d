// SPDX-License-Identifier: Apache-2.0
#include "controller/store/migrations.h"

namespace firebreak::controller {

// Adds indices, so that the last rows about an actor or an object are found without reading the
// whole trail.
absl::Status MigrateTo12(Connection& connection) {
  return connection.ExecuteScript(
      "CREATE INDEX audit_actor ON audit (actor);"
      "CREATE INDEX audit_object ON audit (object);");
}

}  // namespace firebreak::controller
