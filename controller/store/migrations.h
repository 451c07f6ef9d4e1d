#ifndef FIREBREAK_CONTROLLER_STORE_MIGRATIONS_H_
#define FIREBREAK_CONTROLLER_STORE_MIGRATIONS_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// The oldest schema that a database can be brought forward from, and its tables.
inline constexpr int64_t kFirstSchema = 7;
absl::Status MakeSchema7(Connection& connection);

// One step from a schema to the next. Steps are only ever added behind the last, and one that was
// released never changes, since databases exist that have taken it.
//
// To add one: write `absl::Status MigrateToN(Connection&)` in a file migrate_to_N.cc, declare it
// here, add a line to the list in migrations.cc, and show in migrations_test.cc what becomes of the
// rows of testdata/schema_7.sql.
struct Migration {
  int64_t version = 0;    // of the schema that it makes; one more than that of the step before
  const char* what = "";  // for messages: "keep the contents of each revision"
  absl::Status (*run)(Connection& connection) = nullptr;
};

absl::Status MigrateTo8(Connection& connection);
absl::Status MigrateTo9(Connection& connection);
absl::Status MigrateTo10(Connection& connection);
absl::Status MigrateTo11(Connection& connection);
absl::Status MigrateTo12(Connection& connection);

// In their order.
std::span<const Migration> Migrations();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_MIGRATIONS_H_
