// SPDX-License-Identifier: Apache-2.0
#include "controller/store/check.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/store/audit.h"
#include "controller/store/migrations.h"
#include "controller/store/revisions.h"
#include "controller/store/row_digests.h"
#include "controller/store/schema.h"
#include "proto/audit/chain.h"

namespace firebreak::controller {
namespace {

constexpr int64_t kPage = 1000;

absl::StatusOr<std::vector<std::string>> Schema(Connection& connection) {
  std::vector<std::string> objects;
  RETURN_IF_ERROR(
      connection.Query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
                       {}, [&](const Row& row) {
                         objects.push_back(absl::StrCat(row.Bytes(0), " ", row.Bytes(1), " ",
                                                        row.Bytes(2), " ", row.Bytes(3)));
                         return absl::OkStatus();
                       }));
  return objects;
}

absl::Status CheckSchema(Connection& connection) {
  ASSIGN_OR_RETURN(auto model, Connection::OpenInMemory());
  RETURN_IF_ERROR(BringUpToDate(model, Migrations()));
  ASSIGN_OR_RETURN(const auto expected, Schema(model));
  ASSIGN_OR_RETURN(const auto found, Schema(connection));
  if (found == expected) return absl::OkStatus();
  return absl::DataLossError("its tables and triggers are not those that this program makes");
}

absl::Status CheckRows(Connection& connection) {
  ASSIGN_OR_RETURN(const auto damaged, FindDamagedRows(connection, 1));
  return damaged.empty() ? absl::OkStatus() : DamageStatus(damaged.front());
}

// SQLite's own counter is not covered by a digest. If it were too low, numbers of tokens would be
// given twice.
absl::Status CheckTokenNumbers(Connection& connection) {
  bool fine = true;
  RETURN_IF_ERROR(connection.Query(
      "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'tokens'), 0) >="
      " max(coalesce((SELECT max(number) FROM tokens), 0),"
      " coalesce((SELECT max(barred_tokens) FROM hosts), 0))",
      {}, [&](const Row& row) {
        fine = row.Integer(0) != 0;
        return absl::OkStatus();
      }));
  if (fine) return absl::OkStatus();
  return absl::DataLossError("the number of the last token is damaged");
}

absl::Status CheckNewest(Connection& connection) {
  ASSIGN_OR_RETURN(const uint64_t number, LatestRevision(connection));
  ASSIGN_OR_RETURN(const auto newest, FindRevision(connection, number));
  if (!newest.has_value()) return absl::OkStatus();
  std::optional<std::string> detail;
  RETURN_IF_ERROR(connection.Query(
      "SELECT detail FROM audit WHERE object = ? AND result = 'done' ORDER BY seq DESC LIMIT 1",
      {absl::StrCat("revision ", number)}, [&](const Row& row) {
        detail = row.Bytes(0);
        return absl::OkStatus();
      }));
  if (!detail.has_value()) {
    return absl::DataLossError(absl::StrCat("the audit trail has no row about revision ", number));
  }
  // A revision made by a program that kept no digests has none in the trail.
  if (!absl::StrContains(*detail, kDigestLabel) ||
      absl::EndsWith(*detail, DigestNote(newest->digest))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("revision ", number, " does not match the audit trail: the digests differ"));
}

}  // namespace

absl::Status CheckStructure(Connection& connection) {
  std::string found;
  RETURN_IF_ERROR(connection.Query("PRAGMA integrity_check(1)", {}, [&](const Row& row) {
    found = row.Bytes(0);
    return absl::OkStatus();
  }));
  if (found == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("its structure is damaged: ", found));
}

absl::Status CheckDatabase(Connection& connection) {
  RETURN_IF_ERROR(CheckStructure(connection));
  RETURN_IF_ERROR(CheckSchema(connection));
  // Contents are checked before the rows that refer to them, because their errors name the
  // resource.
  RETURN_IF_ERROR(CheckContents(connection));
  RETURN_IF_ERROR(CheckRows(connection));
  RETURN_IF_ERROR(CheckRevisions(connection));
  RETURN_IF_ERROR(CheckTokenNumbers(connection));
  return CheckNewest(connection);
}

absl::Status CheckTrail(Connection& connection) {
  AuditChecker checker;
  for (;;) {
    ASSIGN_OR_RETURN(const auto rows, ReadAudit(connection, checker.number(), kPage));
    if (rows.empty()) return absl::OkStatus();
    for (const v1::AuditRow& row : rows) RETURN_IF_ERROR(checker.Add(row));
  }
}

}  // namespace firebreak::controller
