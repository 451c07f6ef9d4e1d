#ifndef FIREBREAK_POLICY_RESOURCES_PROBLEM_H_
#define FIREBREAK_POLICY_RESOURCES_PROBLEM_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace firebreak::policy {

// More are not told in one go; whoever has as many looks at the first.
inline constexpr size_t kMaxProblems = 1000;

// One thing that is wrong with what a user sent.
struct Problem {
  std::string file;   // as the user wrote it; empty: the request came without a file
  uint32_t line = 0;  // from 1; 0: of the file as a whole
  std::string reason;

  friend bool operator==(const Problem&, const Problem&) = default;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PROBLEM_H_
