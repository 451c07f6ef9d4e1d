// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_RECOVERY_BACKUP_H_
#define FIREBREAK_CONTROLLER_RECOVERY_BACKUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// A backup is one file, an SQLite database. It contains the controller's database as it was at one
// moment and, in a table `backup`, the fleet's CA with its key. Whoever has a backup controls the
// fleet.

// Writes a backup of the data directory to `file`, replacing it if it exists; a controller may be
// running meanwhile. The copy is checked: on DataLoss the message names the damage, and `file` is
// left as it was.
absl::Status WriteBackup(const std::string& data_dir, const std::string& file, absl::Time now);

struct BackupFiles {
  std::string authority;      // content of ca.crt
  std::string authority_key;  // content of ca.key; the caller must wipe it
  absl::Time made_at;
};

// Copies the backup to `path`, brings the copy to this program's schema, and checks it. The copy is
// an ordinary database of a controller; the CA's files are returned. DataLoss: the file is damaged,
// or is not a backup.
absl::StatusOr<BackupFiles> UnpackBackup(const std::string& file, const std::string& path);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_RECOVERY_BACKUP_H_
