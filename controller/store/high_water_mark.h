// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_HIGH_WATER_MARK_H_
#define FIREBREAK_CONTROLLER_STORE_HIGH_WATER_MARK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// How far the database has come, recorded in a file beside it. A database that has lost
// acknowledged changes (by a damaged journal, or because an older copy was put back) is consistent
// in itself; only something outside of it can reveal the loss. Each change that matters has a row
// in the audit trail, so the end of the trail stands for all of them.
//
// The file is written after the database's commit and before the change is acknowledged: it is
// never ahead of the database, unless the database has lost something.
struct HighWaterMark {
  uint64_t audit_row = 0;
  std::string audit_hash;
  uint64_t revision = 0;
  std::string revision_digest;
  uint64_t restores = 0;

  friend bool operator==(const HighWaterMark&, const HighWaterMark&) = default;
};

std::string MarkText(const HighWaterMark& mark);
// DataLoss: the text is damaged.
absl::StatusOr<HighWaterMark> ParseMark(absl::string_view text);

// Makes the mark of the database as it is now.
absl::StatusOr<HighWaterMark> MarkOf(Connection& connection);

// DataLoss: the database has not come as far as the mark says.
absl::Status CheckAgainstMark(Connection& connection, const HighWaterMark& mark);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_HIGH_WATER_MARK_H_
