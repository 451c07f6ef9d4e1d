// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STATE_EPOCH_H_
#define FIREBREAK_AGENT_STATE_EPOCH_H_

#include <cstdint>

namespace firebreak::agent {

// Returns a random number that distinguishes a new sequence of numbers from all other sequences of
// this host; never 0.
uint64_t RandomEpoch();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STATE_EPOCH_H_
