// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_FILE_OPTIONS_H_
#define FIREBREAK_CLI_VERBS_FILE_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/verb.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// The files of a request, and options about them.
struct FileOptions {
  std::vector<std::string> files;  // from AddFiles
  bool recursive = false;
  std::string set;
  bool prune = false;
};

// Adds --recursive, --set and --prune.
void AddFileOptions(Verb verb, FileOptions& options);

// Must be called in the verb's callback. Refuses --prune without --set.
void RequireSet(const FileOptions& options);

// Reads the files. Says on the standard error which files are left out.
absl::StatusOr<v1::ApplyRequest> ReadFiles(Invocation& invocation, const FileOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_FILE_OPTIONS_H_
