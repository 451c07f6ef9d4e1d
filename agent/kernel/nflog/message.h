// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFLOG_MESSAGE_H_
#define FIREBREAK_AGENT_KERNEL_NFLOG_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "absl/strings/string_view.h"

namespace firebreak::agent {

// One packet as NFLOG reports it (<linux/netfilter/nfnetlink_log.h>). The spans point into the
// message.
struct LoggedPacket {
  absl::string_view prefix;
  uint32_t in_interface = 0;  // interface indices; 0: none
  uint32_t out_interface = 0;
  std::optional<int64_t> time_micros;  // since 1970, if the kernel took a time
  std::span<const char> payload;       // from the IP header up to the snap length
};

// `attributes` are those of a packet message, without the family header. Returns nullopt if they
// are not in the form that the kernel sends.
std::optional<LoggedPacket> ReadLoggedPacket(std::span<const char> attributes);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFLOG_MESSAGE_H_
