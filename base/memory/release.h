// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_MEMORY_RELEASE_H_
#define FIREBREAK_BASE_MEMORY_RELEASE_H_

namespace firebreak {

// Returns memory to the kernel after large work: free heap memory, and the pages of program code,
// most of which only the start of the program needed. Code that runs again is read back from the
// page cache, page by page. Takes about a millisecond.
void ReleaseFreeMemory();

}  // namespace firebreak

#endif  // FIREBREAK_BASE_MEMORY_RELEASE_H_
