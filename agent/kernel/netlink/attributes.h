// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NETLINK_ATTRIBUTES_H_
#define FIREBREAK_AGENT_KERNEL_NETLINK_ATTRIBUTES_H_

#include <linux/netlink.h>
#include <string.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace firebreak::agent {

// Calls `each(type, payload)` for every attribute in `bytes` (struct nlattr, <linux/netlink.h>)
// until `each` returns false. Returns false then, and if an attribute is cut short.
bool ForEachAttribute(std::span<const char> bytes, const auto& each) {
  constexpr size_t kHeader = sizeof(nlattr);
  while (bytes.size() >= kHeader) {
    nlattr header;
    memcpy(&header, bytes.data(), kHeader);
    if (header.nla_len < kHeader || header.nla_len > bytes.size()) return false;
    if (!each(header.nla_type & NLA_TYPE_MASK, bytes.subspan(kHeader, header.nla_len - kHeader))) {
      return false;
    }
    bytes = bytes.subspan(std::min<size_t>(NLA_ALIGN(header.nla_len), bytes.size()));
  }
  return true;
}

// Returns the bytes of a message's attributes, which follow a family header of `skip` bytes,
// padding included.
inline std::span<const char> AttributesOf(const nlmsghdr& message, size_t skip) {
  const size_t header = NLMSG_HDRLEN + NLMSG_ALIGN(skip);
  if (message.nlmsg_len < header) return {};
  return std::span(reinterpret_cast<const char*>(&message), message.nlmsg_len).subspan(header);
}

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NETLINK_ATTRIBUTES_H_
