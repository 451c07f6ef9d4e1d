// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_FUZZ_NETLINK_MESSAGE_H_
#define FIREBREAK_TESTS_FUZZ_NETLINK_MESSAGE_H_

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <memory>
#include <span>

namespace firebreak::fuzz {

// A netlink message in an allocation of exactly the length that its header states, as
// NetlinkSocket::Receive passes it on, so that a sanitizer detects reads beyond it.
class NetlinkMessage {
 public:
  NetlinkMessage(uint16_t type, std::span<const uint8_t> payload)
      : bytes_(new uint32_t[(NLMSG_HDRLEN + payload.size() + 3) / 4]) {
    nlmsghdr header = {};
    header.nlmsg_len = static_cast<uint32_t>(NLMSG_HDRLEN + payload.size());
    header.nlmsg_type = type;
    header.nlmsg_flags = NLM_F_MULTI;
    memcpy(bytes_.get(), &header, sizeof header);
    if (!payload.empty()) memcpy(bytes_.get() + NLMSG_HDRLEN / 4, payload.data(), payload.size());
  }

  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_.get()); }

 private:
  const std::unique_ptr<uint32_t[]> bytes_;
};

// Cuts the input into messages: two bytes of choice, two bytes of length, then the payload. Calls
// `each` with the choice and the payload.
template <typename Each>
void ForEachPart(const uint8_t* data, size_t size, const Each& each) {
  while (size >= 4) {
    const uint16_t choice = static_cast<uint16_t>(data[0] | data[1] << 8);
    const size_t wanted = static_cast<size_t>(data[2] | data[3] << 8);
    const size_t length = wanted < size - 4 ? wanted : size - 4;
    each(choice, std::span<const uint8_t>(data + 4, length));
    data += 4 + length;
    size -= 4 + length;
  }
}

}  // namespace firebreak::fuzz

#endif  // FIREBREAK_TESTS_FUZZ_NETLINK_MESSAGE_H_
