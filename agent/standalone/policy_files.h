// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STANDALONE_POLICY_FILES_H_
#define FIREBREAK_AGENT_STANDALONE_POLICY_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/resources/plan.h"

namespace firebreak::agent {

inline constexpr size_t kMaxPolicyFiles = 1000;
inline constexpr size_t kMaxPolicyBytes = 8 << 20;  // of all files together

// Reads the files of a host's policy: each path is a file, or a directory that stands for its
// *.yaml, *.yml and *.json files by name; names that begin with a dot are left out. An error names
// the file: it cannot be read, or there is too much.
absl::StatusOr<std::vector<policy::SourceFile>> ReadPolicyFiles(
    const std::vector<std::string>& paths);

// SHA-256 of the names and the texts.
std::string DigestOf(const std::vector<policy::SourceFile>& files);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STANDALONE_POLICY_FILES_H_
