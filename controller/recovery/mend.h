#ifndef FIREBREAK_CONTROLLER_RECOVERY_MEND_H_
#define FIREBREAK_CONTROLLER_RECOVERY_MEND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// Leaves only what is whole: if the resources of a revision are damaged, those of the newest
// revision that is whole take their place, and history begins anew with them; hosts, tokens and
// marks whose rows are damaged go. `notes` gets a sentence for each. DataLoss: SQLite's structure
// is damaged, or no revision is whole. The caller makes a revision behind it.
absl::Status Mend(Connection& connection, std::vector<std::string>& notes);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_RECOVERY_MEND_H_
