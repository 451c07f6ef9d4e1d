// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_ROW_DIGESTS_H_
#define FIREBREAK_CONTROLLER_STORE_ROW_DIGESTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// Each row of a table with a column row_digest carries a digest of its table's name and all its
// other columns, so that a bit that flips on the disk is found. This protects against damage and
// not against an attacker, who could change the digest as well; against that the audit trail's
// chain protects.
//
// Triggers that belong to the connection, and are generated from the tables' columns, set the
// digests. So code that writes rows need not know about digests, and a new column is covered
// automatically.
//
// Three tables protect their rows in other ways and have no such column: `contents` is keyed by the
// digest of its rows, `audit` is a chain, and the rows of `audit_heads` are signed.

struct DamagedRow {
  std::string table;
  int64_t rowid = 0;
  std::string key;  // the row's primary key, for messages: "'web1', 'role'"

  friend bool operator==(const DamagedRow&, const DamagedRow&) = default;
};

// Returns a DataLoss error that names the row.
absl::Status DamageStatus(const DamagedRow& row);

// Makes the connection set the digest of each row that it writes from now on.
absl::Status SealWrites(Connection& connection);

// Sets the digests of all rows as they are; needed after a migration, which runs without the
// triggers.
absl::Status SealAllRows(Connection& connection);

// Returns at most `limit` rows that do not match their digests.
absl::StatusOr<std::vector<DamagedRow>> FindDamagedRows(Connection& connection, size_t limit);

// Returns the tables whose rows have no digests, except the three above; for a test.
absl::StatusOr<std::vector<std::string>> TablesWithoutDigests(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_ROW_DIGESTS_H_
