// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_LOGGING_H_
#define FIREBREAK_POLICY_COMPILE_LOGGING_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Refused packets are logged through NFLOG while the policy wants them logged. The prefix is the
// name of the counter that counts them and a space: "drop.unsolicited ".
inline constexpr uint16_t kLogGroup = 7464;  // the NFLOG group
// Only the agent of the network namespace may bind this group; holding it shows that no other agent
// runs. Nothing is logged to it.
inline constexpr uint16_t kClaimGroup = kLogGroup + 1;
inline constexpr uint32_t kLogSnapLength = 128;

// Returns the log prefix for packets that a mapping with `log` decides about: "allow POLICY/NAME ".
// The kernel keeps 127 bytes, so the longest names lose their end.
inline std::string MappingLogPrefix(const v1::Mapping& mapping) {
  constexpr size_t kMost = 127;
  return absl::StrCat(v1::Traffic::Action_Name(mapping.action()), " ", mapping.policy(), "/",
                      mapping.name(), " ")
      .substr(0, kMost);
}

inline constexpr uint16_t kLogQueueThreshold = 64;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_LOGGING_H_
