// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_RECOVERY_RESTORE_H_
#define FIREBREAK_CONTROLLER_RECOVERY_RESTORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/admin/actor.h"

namespace firebreak::controller {

// The result of a restore, for the operator and the audit trail.
struct Restored {
  uint64_t revision = 0;           // the new revision
  std::vector<std::string> notes;  // what was lost or left out, a sentence each
};

// Both functions change the state of a stopped controller on purpose: they make a new revision
// above all known ones, which hosts accept although they may have a newer one. They lock the data
// directory meanwhile (FailedPrecondition: a controller is running), and record themselves in the
// audit trail.

// Replaces the controller's database by the backup; the old one is kept beside it as
// firebreak.db.replaced. Rows of the audit trail that are newer than the backup are carried over if
// they can be read, so that the trail stays provable.
absl::StatusOr<Restored> RestoreBackup(const std::string& data_dir, const std::string& file,
                                       const Actor& actor, absl::Time now);

// Continues with what there is, whatever was lost or damaged: with the newest undamaged revision,
// and without the damaged hosts and tokens. DataLoss: nothing can be trusted any more, and only a
// backup helps.
absl::StatusOr<Restored> AcceptLoss(const std::string& data_dir, const Actor& actor,
                                    absl::Time now);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_RECOVERY_RESTORE_H_
