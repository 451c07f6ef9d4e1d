#ifndef FIREBREAK_CONTROLLER_STORE_SCHEMA_H_
#define FIREBREAK_CONTROLLER_STORE_SCHEMA_H_

#include "absl/status/status.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// Gives a new database the schema that this program knows. Its version is SQLite's user_version.
// FailedPrecondition if the database has another one.
absl::Status MakeSchema(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_SCHEMA_H_
