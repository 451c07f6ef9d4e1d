// SPDX-License-Identifier: Apache-2.0
#include "controller/store/row_digests.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

constexpr absl::string_view kColumn = "row_digest";
const std::set<std::string>& ProvenOtherwise() {
  static const auto& tables = *new std::set<std::string>{"audit", "audit_heads", "contents"};
  return tables;
}

struct Table {
  std::string name;
  std::vector<std::string> columns;  // without the column row_digest
  std::vector<std::string> key;
  bool sealed = false;
};

absl::StatusOr<std::vector<Table>> Tables(Connection& connection) {
  std::vector<Table> tables;
  RETURN_IF_ERROR(connection.Query(
      "SELECT t.name, c.name, c.pk FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
      " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid",
      {}, [&](const Row& row) {
        const std::string table = row.Bytes(0);
        const std::string column = row.Bytes(1);
        if (tables.empty() || tables.back().name != table) tables.push_back({.name = table});
        if (column == kColumn) {
          tables.back().sealed = true;
          return absl::OkStatus();
        }
        tables.back().columns.push_back(column);
        if (row.Integer(2) > 0) tables.back().key.push_back(column);
        return absl::OkStatus();
      }));
  return tables;
}

// Returns the SQL text row_digest('TABLE', PREFIX.COLUMN, …).
std::string Call(const Table& table, absl::string_view prefix) {
  return absl::StrCat("row_digest('", table.name, "', ",
                      absl::StrJoin(table.columns, ", ",
                                    [&](std::string* out, const std::string& column) {
                                      absl::StrAppend(out, prefix, "\"", column, "\"");
                                    }),
                      ")");
}

}  // namespace

absl::Status DamageStatus(const DamagedRow& row) {
  return absl::DataLossError(absl::StrCat("row ", row.key, " of the table ", row.table,
                                          " is damaged: it is not what was stored"));
}

absl::Status SealWrites(Connection& connection) {
  ASSIGN_OR_RETURN(const auto tables, Tables(connection));
  for (const Table& table : tables) {
    if (!table.sealed) continue;
    const std::string body =
        absl::StrCat(" ON main.", table.name, " BEGIN UPDATE ", table.name, " SET ", kColumn, " = ",
                     Call(table, "NEW."), " WHERE rowid = NEW.rowid; END;");
    const std::string columns =
        absl::StrJoin(table.columns, ", ", [](std::string* out, const std::string& column) {
          absl::StrAppend(out, "\"", column, "\"");
        });
    RETURN_IF_ERROR(connection.ExecuteScript(
        absl::StrCat("CREATE TEMP TRIGGER seal_new_", table.name, " AFTER INSERT", body,
                     "CREATE TEMP TRIGGER seal_changed_", table.name, " AFTER UPDATE OF ", columns,
                     body)
            .c_str()));
  }
  return absl::OkStatus();
}

absl::Status SealAllRows(Connection& connection) {
  ASSIGN_OR_RETURN(const auto tables, Tables(connection));
  for (const Table& table : tables) {
    if (!table.sealed) continue;
    RETURN_IF_ERROR(connection.ExecuteScript(
        absl::StrCat("UPDATE ", table.name, " SET ", kColumn, " = ", Call(table, "")).c_str()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DamagedRow>> FindDamagedRows(Connection& connection, size_t limit) {
  ASSIGN_OR_RETURN(const auto tables, Tables(connection));
  std::vector<DamagedRow> damaged;
  for (const Table& table : tables) {
    if (!table.sealed) continue;
    const std::string key =
        absl::StrJoin(table.key, " || ', ' || ", [](std::string* out, const std::string& column) {
          absl::StrAppend(out, "quote(\"", column, "\")");
        });
    RETURN_IF_ERROR(connection.QueryOnce(
        absl::StrCat("SELECT rowid, ", key, " FROM ", table.name, " WHERE ", kColumn, " IS NOT ",
                     Call(table, ""), " LIMIT ", limit - std::min(limit, damaged.size())),
        [&](const Row& row) {
          damaged.push_back({table.name, row.Integer(0), row.Bytes(1)});
          return absl::OkStatus();
        }));
  }
  return damaged;
}

absl::StatusOr<std::vector<std::string>> TablesWithoutDigests(Connection& connection) {
  ASSIGN_OR_RETURN(const auto tables, Tables(connection));
  std::vector<std::string> names;
  for (const Table& table : tables) {
    if (!table.sealed && !ProvenOtherwise().contains(table.name)) names.push_back(table.name);
  }
  return names;
}

}  // namespace firebreak::controller
