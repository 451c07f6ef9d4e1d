// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_PROBLEM_H_
#define FIREBREAK_POLICY_RESOURCES_PROBLEM_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace firebreak::policy {

// The largest number of problems that are reported at once. A user with more problems than this
// looks at the first ones.
inline constexpr size_t kMaxProblems = 1000;

// One problem in what a user sent.
struct Problem {
  std::string file;   // as the user wrote it; empty if the request came without a file
  uint32_t line = 0;  // from 1; 0 means the file as a whole
  std::string reason;

  friend bool operator==(const Problem&, const Problem&) = default;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PROBLEM_H_
