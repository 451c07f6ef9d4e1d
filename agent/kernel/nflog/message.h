#ifndef FIREBREAK_AGENT_KERNEL_NFLOG_MESSAGE_H_
#define FIREBREAK_AGENT_KERNEL_NFLOG_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "absl/strings/string_view.h"

namespace firebreak::agent {

// One packet as NFLOG tells it (<linux/netfilter/nfnetlink_log.h>). Points into the message.
struct LoggedPacket {
  absl::string_view prefix;
  uint32_t in_interface = 0;  // indices; 0: none
  uint32_t out_interface = 0;
  std::optional<int64_t> time_micros;  // since 1970, if the kernel took it
  std::span<const char> payload;       // from the IP header on, up to the snap length
};

// `attributes` are those of a packet message, behind the family header. None if they are not what
// the kernel sends.
std::optional<LoggedPacket> ReadLoggedPacket(std::span<const char> attributes);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFLOG_MESSAGE_H_
