#ifndef FIREBREAK_POLICY_RESOURCES_PROBLEM_H_
#define FIREBREAK_POLICY_RESOURCES_PROBLEM_H_

#include <cstdint>
#include <string>

namespace firebreak::policy {

// One thing that is wrong with what a user sent.
struct Problem {
  std::string file;   // as the user wrote it; empty: the request came without a file
  uint32_t line = 0;  // from 1; 0: of the file as a whole
  std::string reason;

  friend bool operator==(const Problem&, const Problem&) = default;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PROBLEM_H_
