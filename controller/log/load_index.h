#ifndef FIREBREAK_CONTROLLER_LOG_LOAD_INDEX_H_
#define FIREBREAK_CONTROLLER_LOG_LOAD_INDEX_H_

#include <cstdint>

#include "controller/log/segment_index.h"

namespace firebreak::controller {

// The index of a segment's file of `bytes` bytes: the one that the file ends with, or if it ends
// otherwise, as it does when the controller was killed, one made of what its frames begin with.
// Returns where the one in the file begins; 0: it has none.
uint64_t LoadIndex(int descriptor, uint64_t bytes, SegmentIndex& index);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOAD_INDEX_H_
