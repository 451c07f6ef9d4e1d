#ifndef FIREBREAK_CONTROLLER_RECOVERY_RESTORE_H_
#define FIREBREAK_CONTROLLER_RECOVERY_RESTORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/admin/actor.h"

namespace firebreak::controller {

// What was done, for whoever asked for it and for the audit trail.
struct Restored {
  uint64_t revision = 0;           // the new one
  std::vector<std::string> notes;  // what was lost or left out, a sentence each
};

// Both set the state of a stopped controller on purpose: a new revision stands above all that are
// known, and hosts take it though they have a newer one. They keep the controller out meanwhile
// (FailedPrecondition: it runs), and the audit trail tells of them.

// Puts the backup in place of the controller's database, which is kept beside it as
// firebreak.db.replaced. Rows of the audit trail behind those of the backup are carried over if
// they can be read, so that the trail stays provable.
absl::StatusOr<Restored> RestoreBackup(const std::string& data_dir, const std::string& file,
                                       const Actor& actor, absl::Time now);

// Goes on with what there is, whatever was lost or damaged: with the newest revision that is whole,
// and without the hosts and tokens that are damaged. DataLoss: the damage is such that nothing can
// be trusted, and only a backup helps.
absl::StatusOr<Restored> AcceptLoss(const std::string& data_dir, const Actor& actor,
                                    absl::Time now);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_RECOVERY_RESTORE_H_
