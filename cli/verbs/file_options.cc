// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/file_options.h"

#include <algorithm>

#include "base/status/status.h"
#include "cli/input/source_files.h"

namespace firebreak::cli {
namespace {

constexpr size_t kLeftOutNamed = 8;

}  // namespace

void AddFileOptions(Verb verb, FileOptions& options) {
  verb.AddFlag("-R,--recursive", options.recursive, "also read the directories below a directory");
  verb.Add("--set", options.set, "the set to which the resources in the files belong from now on")
      .Type("NAME");
  verb.AddFlag("--prune", options.prune,
               "with --set: delete the resources of the set that are not in the files");
}

void RequireSet(const FileOptions& options) {
  if (options.prune && options.set.empty()) RefuseMissing("--set, which --prune needs");
}

absl::StatusOr<v1::ApplyRequest> ReadFiles(Invocation& invocation, const FileOptions& options) {
  std::vector<std::string> left_out;
  ASSIGN_OR_RETURN(v1::ApplyRequest request,
                   ReadSourceFiles(options.files, options.recursive, &left_out));
  for (size_t i = 0; i < std::min(left_out.size(), kLeftOutNamed); ++i) {
    invocation.err() << "left out: " << left_out[i] << "\n";
  }
  if (left_out.size() > kLeftOutNamed) {
    invocation.err() << "left out: " << left_out.size() - kLeftOutNamed << " more\n";
  }
  request.set_set(options.set);
  request.set_prune(options.prune);
  return request;
}

}  // namespace firebreak::cli
