// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/question.h"

#include <netinet/in.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/resources/names.h"
#include "policy/trace/datagram.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

constexpr uint8_t kAck = 0x10;
constexpr uint8_t kNeighbourHops = 255;  // RFC 4861: what comes from the link

Bytes TransportOf(const v1::TraceQuestion& question) {
  const auto source = static_cast<uint16_t>(question.source_port());
  const auto destination = static_cast<uint16_t>(question.destination_port());
  constexpr uint8_t kInit = 1;  // of SCTP
  switch (question.protocol()) {
    case IPPROTO_TCP: {
      const auto flags = static_cast<uint8_t>(question.tcp_flags());
      return datagram::Tcp(source, destination, flags, 1, (flags & kAck) != 0 ? 1 : 0, "");
    }
    case IPPROTO_UDP: return datagram::Udp(source, destination, "");
    case IPPROTO_UDPLITE: return datagram::Udp(source, destination, "");
    case IPPROTO_SCTP: return datagram::Sctp(source, destination, kInit);
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return datagram::Icmp(static_cast<uint8_t>(question.icmp_type()),
                            static_cast<uint8_t>(question.icmp_code()), 1, Bytes(24, '\0'));
    case IPPROTO_GRE: return datagram::Gre(/*pptp=*/false, 0, Bytes(4, '\0'));
    default: return datagram::Number16(source) + datagram::Number16(destination) + Bytes(4, '\0');
  }
}

absl::Status Check(const v1::TraceQuestion& question) {
  const size_t bytes = question.source().size();
  if ((bytes != 4 && bytes != 16) || question.destination().size() != bytes) {
    return absl::InvalidArgumentError(
        "source and destination are to be two IPv4 or two IPv6 addresses");
  }
  if (question.protocol() < 1 || question.protocol() > 255) {
    return absl::InvalidArgumentError(absl::StrCat("there is no protocol ", question.protocol()));
  }
  if (question.source_port() > 65535 || question.destination_port() > 65535) {
    return absl::InvalidArgumentError("a port is at most 65535");
  }
  if (question.tcp_flags() > 255 || question.icmp_type() > 255 || question.icmp_code() > 255) {
    return absl::InvalidArgumentError("TCP flags, ICMP types and codes are at most 255");
  }
  if (question.in_interface().empty() && question.out_interface().empty()) {
    return absl::InvalidArgumentError("a packet comes in at an interface or goes out by one");
  }
  if (!question.in_interface().empty() && question.packet_socket()) {
    return absl::InvalidArgumentError("a packet socket of this host sends no packet that comes in");
  }
  const bool sender = !question.user().empty() || !question.unit().empty();
  if (sender && (question.out_interface().empty() || !question.in_interface().empty())) {
    return absl::InvalidArgumentError(
        "only of what this host itself sends it is known who sends it");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RouteAsAsked(const v1::TraceQuestion& question, HostState& host) {
  if (question.in_interface().empty() || question.out_interface().empty()) return absl::OkStatus();
  const HostState::Interface* out = host.Find(question.out_interface());
  if (out == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("this host has no interface ", question.out_interface()));
  }
  // The route back to the source stays as it is.
  host.route = [destination = question.destination(), index = out->device.index,
                before = std::move(host.route)](const Bytes& address,
                                                uint32_t by) -> std::optional<uint32_t> {
    if (address == destination) return index;
    return before ? before(address, by) : std::nullopt;
  };
  for (HostState::Interface& interface : host.interfaces) {
    if (interface.device.name == question.in_interface()) {
      interface.forwards4 = interface.forwards6 = true;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Packet> PacketOf(const v1::TraceQuestion& question, const HostState& host) {
  RETURN_IF_ERROR(Check(question));
  const bool inward = !question.in_interface().empty();
  const std::string& name = inward ? question.in_interface() : question.out_interface();
  const HostState::Interface* interface = host.Find(name);
  if (interface == nullptr) {
    return absl::NotFoundError(absl::StrCat("this host has no interface ", name));
  }
  const datagram::Header header = {
      .source = question.source(),
      .destination = question.destination(),
      .protocol = static_cast<uint8_t>(question.protocol()),
      .id = 1,
      .hops = question.protocol() == IPPROTO_ICMPV6 ? kNeighbourHops : uint8_t{64}};
  Bytes transport = TransportOf(question);
  datagram::PutChecksum(header, transport);
  Packet packet = ParsePacket(datagram::MakeDatagram(header, transport));
  (inward ? packet.in : packet.out) = interface->device;
  packet.routed = !question.packet_socket();
  packet.checksum_verified = true;
  if (!question.user().empty()) {
    uint32_t number = 0;
    if (!absl::SimpleAtoi(question.user(), &number)) {
      return absl::NotFoundError(absl::StrCat("this host has no user ", Quoted(question.user())));
    }
    packet.user = number;
  }
  return packet;
}

}  // namespace firebreak::policy
