// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_SCHEMA_H_
#define FIREBREAK_CONTROLLER_STORE_SCHEMA_H_

#include <span>

#include "absl/status/status.h"
#include "controller/store/connection.h"
#include "controller/store/migrations.h"

namespace firebreak::controller {

// Brings the database to the schema of the last of `migrations`, starting from an empty database or
// from the schema of an earlier program. The version is SQLite's user_version. Must run in one
// transaction, so that a database always has one version as a whole. Rows are checked before the
// first step, if their schema has digests, and get their digests after the last.
//
// FailedPrecondition: the database was made by a newer program, or by one from before kFirstSchema.
// DataLoss: it has tables but no version. Other errors name the migration that failed.
absl::Status BringUpToDate(Connection& connection, std::span<const Migration> migrations);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_SCHEMA_H_
