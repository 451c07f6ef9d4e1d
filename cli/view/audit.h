// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_AUDIT_H_
#define FIREBREAK_CLI_VIEW_AUDIT_H_

#include <vector>

#include "cli/output/table.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// The columns of the audit trail's table, and the cells of a row.
std::vector<Cell> AuditColumns();
std::vector<Cell> AuditCells(const v1::AuditRow& row);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_AUDIT_H_
