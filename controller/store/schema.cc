// SPDX-License-Identifier: Apache-2.0
#include "controller/store/schema.h"

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/store/row_digests.h"

namespace firebreak::controller {
namespace {

absl::StatusOr<int64_t> ReadNumber(Connection& connection, const char* sql) {
  int64_t number = 0;
  RETURN_IF_ERROR(connection.Query(sql, {}, [&](const Row& row) {
    number = row.Integer(0);
    return absl::OkStatus();
  }));
  return number;
}

absl::Status SetVersion(Connection& connection, int64_t version) {
  return connection.ExecuteScript(absl::StrCat("PRAGMA user_version = ", version).c_str());
}

absl::Status MakeFirst(Connection& connection) {
  ASSIGN_OR_RETURN(const int64_t objects,
                   ReadNumber(connection, "SELECT count(*) FROM sqlite_schema"));
  if (objects > 0) {
    return absl::DataLossError(
        "it has tables, but the version of its schema is gone; restore the data directory from a "
        "backup");
  }
  RETURN_IF_ERROR(MakeSchema7(connection));
  return SetVersion(connection, kFirstSchema);
}

}  // namespace

absl::Status BringUpToDate(Connection& connection, std::span<const Migration> migrations) {
  ASSIGN_OR_RETURN(int64_t version, ReadNumber(connection, "PRAGMA user_version"));
  if (version == 0) {
    RETURN_IF_ERROR(MakeFirst(connection));
    version = kFirstSchema;
  }
  const int64_t newest = migrations.empty() ? kFirstSchema : migrations.back().version;
  if (version > newest) {
    return absl::FailedPreconditionError(absl::StrCat("it has schema ", version,
                                                      ", and this program knows up to ", newest,
                                                      "; run the newer firebreak-controller"));
  }
  if (version < kFirstSchema) {
    return absl::FailedPreconditionError(
        absl::StrCat("it has schema ", version,
                     ", from before the first release, and this program reads ", kFirstSchema,
                     " and later ones; begin anew with another --data-dir, and enrol the hosts "
                     "there"));
  }
  if (version == newest) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto damaged, FindDamagedRows(connection, 1));
  if (!damaged.empty()) return DamageStatus(damaged.front());
  for (const Migration& migration : migrations) {
    if (migration.version <= version) continue;
    if (absl::Status status = migration.run(connection); !status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat("bring it to schema ", migration.version, " (",
                                       migration.what, "): ", status.message()));
    }
    RETURN_IF_ERROR(SetVersion(connection, migration.version));
  }
  return SealAllRows(connection);
}

}  // namespace firebreak::controller
