// SPDX-License-Identifier: Apache-2.0
#include "policy/evidence/seen_packets.h"

#include <netinet/in.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/address/address.h"
#include "policy/merge/icmp_option_types.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

constexpr uint8_t kSyn = 0x02, kAck = 0x10, kRst = 0x04, kFin = 0x01;

std::string AddressBytes(const LogAddress& address, uint8_t family) {
  const AddressNumber number = AddressNumber{address.high} << 64 | AddressNumber{address.low};
  return ToAddressBytes(family == 4 ? number & 0xffffffff : number, family == 4 ? 4 : 16);
}

std::optional<uint8_t> ProtocolOf(const std::string& text) {
  if (text == "icmp") return IPPROTO_ICMP;
  if (text == "icmpv6") return IPPROTO_ICMPV6;
  const absl::StatusOr<uint8_t> protocol = ParseProtocol(text);
  if (!protocol.ok()) return std::nullopt;
  return *protocol;
}

}  // namespace

bool IsLive(const v1::HostFlow& flow) {
  return flow.protocol() == "tcp" ? flow.state() == "established" : flow.state() != "unreplied";
}

std::optional<Witness> PacketOf(const v1::HostFlow& flow) {
  const bool inbound = flow.direction() == "in";
  if (!inbound && flow.direction() != "out") return std::nullopt;
  Witness packet;
  packet.remote = AddressOfPrefix(inbound ? flow.source() : flow.destination());
  const std::optional<uint8_t> protocol = ProtocolOf(flow.protocol());
  if (packet.remote.empty() || !protocol.has_value()) return std::nullopt;
  packet.plane = {inbound ? Way::kInbound : Way::kOutbound, packet.remote.size()};
  packet.protocol = *protocol;
  if (packet.protocol == IcmpProtocol(packet.plane.address_bytes)) {
    packet.port = static_cast<uint16_t>((flow.icmp_type() & 0xff) << 8 | (flow.icmp_code() & 0xff));
  } else if (HasPorts(packet.protocol)) {
    packet.source_port = static_cast<uint16_t>(flow.source_port());
    packet.port = static_cast<uint16_t>(flow.destination_port());
  }
  return packet;
}

std::optional<Witness> PacketOf(const Record& record, const std::set<std::string>& own) {
  if (record.family == 0 || record.action == Action::kClose ||
      record.action == Action::kEventsLost) {
    return std::nullopt;
  }
  const bool begins = record.protocol != IPPROTO_TCP || (record.has & Record::kTcp) == 0 ||
                      (record.tcp_flags & (kSyn | kAck | kRst | kFin)) == kSyn;
  if (!begins) return std::nullopt;
  const std::string source = AddressBytes(record.source, record.family);
  const std::string destination = AddressBytes(record.destination, record.family);
  const bool inbound = record.action == Action::kOpenInbound ||
                       (record.action == Action::kDrop && !own.contains(source));
  // A drop of what is forwarded, or sent to a group, is about no packet to this host.
  if (record.action == Action::kDrop && inbound && !own.contains(destination)) return std::nullopt;
  Witness packet;
  packet.remote = inbound ? source : destination;
  packet.plane = {inbound ? Way::kInbound : Way::kOutbound, packet.remote.size()};
  packet.protocol = record.protocol;
  if (packet.protocol == IcmpProtocol(packet.plane.address_bytes)) {
    if ((record.has & Record::kIcmp) == 0) return std::nullopt;
    packet.port = static_cast<uint16_t>(record.icmp_type << 8 | record.icmp_code);
  } else if (HasPorts(packet.protocol)) {
    if ((record.has & Record::kPorts) == 0) return std::nullopt;
    packet.source_port = record.source_port;
    packet.port = record.destination_port;
  }
  return packet;
}

std::set<std::string> OwnAddresses(const v1::Facts& facts) {
  std::set<std::string> own;
  for (const v1::Interface& interface : facts.interfaces()) {
    for (const std::string& address : interface.addresses()) {
      if (std::string bytes = AddressOfPrefix(address); !bytes.empty())
        own.insert(std::move(bytes));
    }
  }
  return own;
}

std::string ServiceText(const Witness& packet) {
  if (packet.protocol == IcmpProtocol(packet.plane.address_bytes)) {
    return absl::StrCat(packet.plane.address_bytes == 4 ? "icmp/" : "icmpv6/", packet.port >> 8);
  }
  const std::string protocol = ProtocolText(packet.protocol);
  return HasPorts(packet.protocol) ? absl::StrCat(protocol, "/", packet.port) : protocol;
}

std::string RemoteText(const Witness& packet) {
  std::string text = PrefixText({packet.remote, static_cast<int>(packet.remote.size() * 8)});
  text.resize(text.rfind('/'));
  return text;
}

}  // namespace firebreak::policy
