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

// The files of a request, and what else it says of them.
struct FileOptions {
  std::vector<std::string> files;  // from AddFiles
  bool recursive = false;
  std::string set;
  bool prune = false;
};

// --recursive, --set and --prune.
void AddFileOptions(Verb verb, FileOptions& options);

// In the verb's callback: refuses --prune without --set.
void RequireSet(const FileOptions& options);

// Tells on the standard error what is left out.
absl::StatusOr<v1::ApplyRequest> ReadFiles(Invocation& invocation, const FileOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_FILE_OPTIONS_H_
