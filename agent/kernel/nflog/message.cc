// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nflog/message.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <string.h>

#include "agent/kernel/netlink/attributes.h"

namespace firebreak::agent {
namespace {

// The end of the year 9999. Later times are not plausible and are ignored.
constexpr uint64_t kMaxSeconds = 253402300799;

bool ReadIndex(std::span<const char> value, uint32_t& index) {
  if (value.size() != sizeof index) return false;
  memcpy(&index, value.data(), sizeof index);
  index = ntohl(index);
  return true;
}

bool ReadTime(std::span<const char> value, LoggedPacket& packet) {
  nfulnl_msg_packet_timestamp stamp;
  if (value.size() != sizeof stamp) return false;
  memcpy(&stamp, value.data(), sizeof stamp);
  const uint64_t seconds = be64toh(stamp.sec);
  const uint64_t micros = be64toh(stamp.usec);
  if (seconds > kMaxSeconds || micros >= 1'000'000) return true;
  packet.time_micros = static_cast<int64_t>(seconds * 1'000'000 + micros);
  return true;
}

}  // namespace

std::optional<LoggedPacket> ReadLoggedPacket(std::span<const char> attributes) {
  LoggedPacket packet;
  const bool whole = ForEachAttribute(attributes, [&](int type, std::span<const char> value) {
    switch (type) {
      case NFULA_PREFIX:
        packet.prefix = absl::string_view(value.data(), strnlen(value.data(), value.size()));
        return true;
      case NFULA_IFINDEX_INDEV: return ReadIndex(value, packet.in_interface);
      case NFULA_IFINDEX_OUTDEV: return ReadIndex(value, packet.out_interface);
      case NFULA_TIMESTAMP: return ReadTime(value, packet);
      case NFULA_PAYLOAD: packet.payload = value; return true;
      default: return true;
    }
  });
  if (!whole) return std::nullopt;
  return packet;
}

}  // namespace firebreak::agent
