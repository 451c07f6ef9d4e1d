// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_MUST_H_
#define FIREBREAK_TESTS_ORACLE_MUST_H_

#include <stdio.h>
#include <stdlib.h>

namespace firebreak::oracle {

// Ends the process with a message about errno if `result`, returned by a system call, says that the
// call failed.
inline int Must(int result, const char* what) {
  if (result < 0) {
    perror(what);
    exit(2);
  }
  return result;
}

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_MUST_H_
