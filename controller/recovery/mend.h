// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_RECOVERY_MEND_H_
#define FIREBREAK_CONTROLLER_RECOVERY_MEND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// Removes everything that is damaged. If the resources of a revision are damaged, those of the
// newest undamaged revision replace them, and the history of resources begins anew. Hosts, tokens
// and marks whose rows are damaged are deleted. `notes` gets a sentence for each. The caller must
// then make a new revision. DataLoss: SQLite's own structure is damaged, or no revision is
// undamaged.
absl::Status Mend(Connection& connection, std::vector<std::string>& notes);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_RECOVERY_MEND_H_
