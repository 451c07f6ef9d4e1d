// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_STATS_H_
#define FIREBREAK_CONTROLLER_FRONT_STATS_H_

#include <atomic>
#include <cstdint>

namespace firebreak::controller {

// What the front counts. Any thread.
struct FrontStats {
  std::atomic<int64_t> named{0};           // connections of members
  std::atomic<int64_t> administrators{0};  // of these, administrators'
  std::atomic<int64_t> strangers{0};       // of whom it is not known yet who they are
  std::atomic<int64_t> waiting{0};         // of these, for their handshake
  std::atomic<int64_t> accepted{0};
  std::atomic<int64_t> let_in{0};
  std::atomic<int64_t> refused{0};  // in the handshake
  std::atomic<int64_t> shed{0};     // to make room
  std::atomic<int64_t> late{0};     // ended for saying nothing, or too slowly
  std::atomic<int64_t> cut{0};      // members who went too far
  std::atomic<int64_t> enrolments{0};
  std::atomic<bool> accepts{true};  // the last look at itself
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_STATS_H_
