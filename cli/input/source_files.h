// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_SOURCE_FILES_H_
#define FIREBREAK_CLI_INPUT_SOURCE_FILES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// The largest single file that the controller accepts, and the largest sum of files; the latter is
// limited by what fits into one message (proto/endpoint/endpoint.h).
inline constexpr size_t kMaxFileBytes = 8 << 20;
inline constexpr size_t kMaxTotalBytes = 15 << 20;

// Reads the files that `-f` names into a request: "-" is the standard input; a directory stands for
// its *.yaml, *.yml and *.json files, sorted by name. Names that begin with a dot are left out,
// because editors use them for locks and copies. Subdirectories are left out unless `recursive` is
// set. Links to directories are not followed.
//
// `left_out` gets a line for each entry of a directory that was left out, with the reason.
//
// InvalidArgument: the controller would refuse a file because it is too large (which is detected
// without reading it) or not UTF-8. Any other error: a file cannot be read.
absl::StatusOr<v1::ApplyRequest> ReadSourceFiles(const std::vector<std::string>& names,
                                                 bool recursive = false,
                                                 std::vector<std::string>* left_out = nullptr);

// Returns the line that says, at the top of a file, which revision the file was written from.
// ReadSourceFiles reads it into SourceFile.as_of_revision.
std::string AsOfLine(uint64_t revision);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_SOURCE_FILES_H_
