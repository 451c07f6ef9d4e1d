#ifndef FIREBREAK_CONTROLLER_STORE_ROW_DIGESTS_H_
#define FIREBREAK_CONTROLLER_STORE_ROW_DIGESTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// Each row of a table with a column row_digest carries a digest of its table's name and of all its
// other columns, so that a bit that flips on the disk is found. It protects from damage and not
// from an attacker, who could write the digest as well; the audit trail's chain does.
//
// Rows are sealed by triggers that belong to the connection and are made from the table's columns,
// so code that writes rows needs to know nothing of them, and a new column is covered by itself.
//
// Three tables prove their rows otherwise, and have no such column: `contents` is keyed by the
// digest of its rows, `audit` is a chain, and the rows of `audit_heads` are signed.

struct DamagedRow {
  std::string table;
  int64_t rowid = 0;
  std::string key;  // of its primary key, for messages: "'web1', 'role'"

  friend bool operator==(const DamagedRow&, const DamagedRow&) = default;
};

// DataLoss that names the row.
absl::Status DamageStatus(const DamagedRow& row);

// Makes the connection seal each row that it writes from now on.
absl::Status SealWrites(Connection& connection);

// Seals all rows as they are: after a migration, whose steps have no triggers.
absl::Status SealAllRows(Connection& connection);

// The rows that are not what was sealed, at most `limit` of them.
absl::StatusOr<std::vector<DamagedRow>> FindDamagedRows(Connection& connection, size_t limit);

// Tables without a digest for each row, the three above aside; for a test.
absl::StatusOr<std::vector<std::string>> TablesWithoutDigests(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_ROW_DIGESTS_H_
