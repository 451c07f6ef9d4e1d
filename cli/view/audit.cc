// SPDX-License-Identifier: Apache-2.0
#include "cli/view/audit.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace firebreak::cli {

std::vector<Cell> AuditColumns() {
  return {"ROW", "TIME (UTC)", "ACTOR", "FROM", "ACTION", "OBJECT", "RESULT", "DETAIL"};
}

std::vector<Cell> AuditCells(const v1::AuditRow& row) {
  const absl::Time at = absl::FromUnixSeconds(row.at().seconds());
  const bool refused = row.result() == "refused";
  return {absl::StrCat(row.number()),
          absl::FormatTime("%Y-%m-%d %H:%M:%S", at, absl::UTCTimeZone()),
          row.actor(),
          row.peer(),
          row.action(),
          row.object(),
          Cell(row.result(), refused ? Colour::kRed : Colour::kGreen),
          row.dropped() ? "(dropped: an old refused attempt)" : row.detail()};
}

}  // namespace firebreak::cli
