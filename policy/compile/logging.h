#ifndef FIREBREAK_POLICY_COMPILE_LOGGING_H_
#define FIREBREAK_POLICY_COMPILE_LOGGING_H_

#include <cstdint>

namespace firebreak::policy {

// How refused packets are told to whoever listens, while the policy wants them logged. The prefix
// is the name of the counter that counts them and a space: "drop.unsolicited ".
inline constexpr uint16_t kLogGroup = 7464;  // of NFLOG
// Whoever listens to this one is the network namespace's agent; nothing is logged to it.
inline constexpr uint16_t kClaimGroup = kLogGroup + 1;
inline constexpr uint32_t kLogSnapLength = 128;
inline constexpr uint16_t kLogQueueThreshold = 64;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_LOGGING_H_
