#ifndef FIREBREAK_CONTROLLER_STORE_SCHEMA_H_
#define FIREBREAK_CONTROLLER_STORE_SCHEMA_H_

#include <span>

#include "absl/status/status.h"
#include "controller/store/connection.h"
#include "controller/store/migrations.h"

namespace firebreak::controller {

// Brings the database to the schema behind the last of `migrations`: from nothing, or forwards from
// the schema that an earlier program left. The version is SQLite's user_version. For one
// transaction, so that a database has one version or the next, whole. Rows are checked before the
// first step, if their schema has digests for them, and sealed behind the last.
//
// FailedPrecondition: a newer program has made it, or one from before kFirstSchema. DataLoss: it
// has tables and no version. Other errors name the migration that failed.
absl::Status BringUpToDate(Connection& connection, std::span<const Migration> migrations);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_SCHEMA_H_
