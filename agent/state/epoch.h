#ifndef FIREBREAK_AGENT_STATE_EPOCH_H_
#define FIREBREAK_AGENT_STATE_EPOCH_H_

#include <cstdint>

namespace firebreak::agent {

// What tells a run of numbers from all that this host has begun before or will begin; never 0.
uint64_t RandomEpoch();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STATE_EPOCH_H_
