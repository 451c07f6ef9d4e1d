// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_MIGRATIONS_H_
#define FIREBREAK_CONTROLLER_STORE_MIGRATIONS_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// The oldest schema that can be migrated, and the statements that create its tables.
inline constexpr int64_t kFirstSchema = 7;
absl::Status MakeSchema7(Connection& connection);

// One step from a schema to the next. Steps are only added at the end, and a released step never
// changes, because databases exist that have taken it.
//
// To add one: write `absl::Status MigrateToN(Connection&)` in a file migrate_to_N.cc, declare it
// here, add a line to the list in migrations.cc, and test in migrations_test.cc how it changes the
// rows of testdata/schema_7.sql.
struct Migration {
  int64_t version = 0;    // the schema that the step makes; one more than the step before
  const char* what = "";  // for messages: "keep the contents of each revision"
  absl::Status (*run)(Connection& connection) = nullptr;
};

absl::Status MigrateTo8(Connection& connection);
absl::Status MigrateTo9(Connection& connection);
absl::Status MigrateTo10(Connection& connection);
absl::Status MigrateTo11(Connection& connection);
absl::Status MigrateTo12(Connection& connection);

// All steps in their order.
std::span<const Migration> Migrations();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_MIGRATIONS_H_
