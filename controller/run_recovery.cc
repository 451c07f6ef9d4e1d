// SPDX-License-Identifier: Apache-2.0
#include "controller/run_recovery.h"

#include <pwd.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "controller/recovery/backup.h"
#include "controller/recovery/restore.h"

namespace firebreak::controller {
namespace {

// Returns the user who runs the program on the controller's machine.
Actor LocalActor() {
  const passwd* user = getpwuid(getuid());
  return {
      .name = absl::StrCat("local/", user != nullptr ? user->pw_name : std::to_string(getuid())),
      .peer = ""};
}

int Failed(const absl::Status& status) {
  LogError(status.message());
  return 1;
}

}  // namespace

int RunRecovery(const CommandLine& command_line) {
  const std::string& directory = command_line.options->data_dir;
  const absl::Time now = absl::Now();
  if (command_line.task == Task::kBackUp) {
    const absl::Status status = WriteBackup(directory, command_line.file, now);
    if (!status.ok()) return Failed(status);
    std::cout << "backed up to " << command_line.file << "\n";
    return 0;
  }
  const auto restored = command_line.task == Task::kRestore
                            ? RestoreBackup(directory, command_line.file, LocalActor(), now)
                            : AcceptLoss(directory, LocalActor(), now);
  if (!restored.ok()) return Failed(restored.status());
  for (const std::string& note : restored->notes) std::cout << note << "\n";
  std::cout << "the newest revision is now " << restored->revision
            << "; start the controller to send it to the hosts\n";
  return 0;
}

}  // namespace firebreak::controller
