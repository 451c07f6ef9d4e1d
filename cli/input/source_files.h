#ifndef FIREBREAK_CLI_INPUT_SOURCE_FILES_H_
#define FIREBREAK_CLI_INPUT_SOURCE_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// The largest single file that the controller takes, and the largest sum of files: what fits into
// one message (proto/endpoint/endpoint.h).
inline constexpr size_t kMaxFileBytes = 8 << 20;
inline constexpr size_t kMaxTotalBytes = 15 << 20;

// The files that `-f` names, as a request: "-" is the standard input, a directory is its *.yaml,
// *.yml and *.json, sorted by name. Names that begin with a dot are left out, since editors keep
// their locks and copies under them; so are directories in it, unless `recursive`. No link to a
// directory is followed.
//
// `left_out` gets a line for each entry of a directory that is no part of the request, and why.
//
// InvalidArgument: a file that the controller could only refuse (too large, which is found without
// reading it, or not UTF-8). Any other error: it cannot be read.
absl::StatusOr<v1::ApplyRequest> ReadSourceFiles(const std::vector<std::string>& names,
                                                 bool recursive = false,
                                                 std::vector<std::string>* left_out = nullptr);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_SOURCE_FILES_H_
