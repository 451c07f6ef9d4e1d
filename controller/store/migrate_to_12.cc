#include "controller/store/migrations.h"

namespace firebreak::controller {

// The trail's last rows of somebody, or about something, are found without reading all of it.
absl::Status MigrateTo12(Connection& connection) {
  return connection.ExecuteScript(
      "CREATE INDEX audit_actor ON audit (actor);"
      "CREATE INDEX audit_object ON audit (object);");
}

}  // namespace firebreak::controller
