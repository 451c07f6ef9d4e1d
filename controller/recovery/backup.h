#ifndef FIREBREAK_CONTROLLER_RECOVERY_BACKUP_H_
#define FIREBREAK_CONTROLLER_RECOVERY_BACKUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// A backup is one file, an SQLite database: the controller's own, as it was at one moment, and in a
// table `backup` the fleet's CA with its key. Whoever has it owns the fleet.

// Writes a backup of the data directory to `file`, which is replaced if it exists; a controller may
// run there meanwhile. What was copied is checked: DataLoss names what is damaged, and `file` is
// then left as it was.
absl::Status WriteBackup(const std::string& data_dir, const std::string& file, absl::Time now);

struct BackupFiles {
  std::string authority;      // ca.crt
  std::string authority_key;  // ca.key; to be wiped
  absl::Time made_at;
};

// Copies the backup to `path`, brings it to this program's schema, and checks it. The copy is a
// database like any other; the files come back. DataLoss: the backup is damaged, or is none.
absl::StatusOr<BackupFiles> UnpackBackup(const std::string& file, const std::string& path);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_RECOVERY_BACKUP_H_
