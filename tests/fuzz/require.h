// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_FUZZ_REQUIRE_H_
#define FIREBREAK_TESTS_FUZZ_REQUIRE_H_

#include <cstdlib>

namespace firebreak {

// Ends the process if the condition does not hold, which a fuzzer takes for a finding.
inline void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace firebreak

#endif  // FIREBREAK_TESTS_FUZZ_REQUIRE_H_
