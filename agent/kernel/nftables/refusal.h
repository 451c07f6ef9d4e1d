// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_REFUSAL_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_REFUSAL_H_

#include <cstdint>
#include <optional>
#include <string>

struct nlmsghdr;

namespace firebreak::agent {

struct Refusal {
  int error = 0;
  uint32_t sequence = 0;
  std::optional<uint32_t> offset;  // of the faulty attribute
  std::string message;
};

// Reads an NLMSG_ERROR with its extended acknowledgement (include/uapi/linux/netlink.h,
// NLMSGERR_ATTR_*). The error is EIO if the message cannot be read.
Refusal ReadRefusal(const nlmsghdr& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_REFUSAL_H_
