// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/conntrack.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>

#include <algorithm>
#include <utility>

#include "policy/trace/addresses.h"
#include "policy/trace/checksum.h"
#include "policy/trace/sctp_chunks.h"
#include "policy/trace/tcp_states.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

constexpr size_t kIcmpHeader = 8, kTcpHeader = 20, kUdpHeader = 8, kSctpHeader = 12;
constexpr uint8_t kMld2Report = 143;  // RFC 3810
constexpr uint8_t kNodeQuery = 139;   // RFC 4620

uint8_t At(const Bytes& bytes, size_t offset) {
  return offset < bytes.size() ? static_cast<uint8_t>(bytes[offset]) : 0;
}

Tracking Invalid(const char* why) { return {.state = NF_CT_STATE_INVALID_BIT, .why = why}; }

bool IsIcmp(const Packet& packet) {
  return packet.family == NFPROTO_IPV4 ? packet.protocol == IPPROTO_ICMP
                                       : packet.protocol == IPPROTO_ICMPV6;
}

Tracking Found(const Flow& flow, const Tuple& tuple) {
  Tracking result = {.flow = flow};
  // A flow of a host to itself has two equal tuples; the kernel finds the one of the reply first.
  result.direction = flow.reply == tuple ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL;
  const bool established =
      result.direction == IP_CT_DIR_REPLY || (flow.status & IPS_SEEN_REPLY) != 0;
  result.state = NF_CT_STATE_BIT(established                         ? IP_CT_ESTABLISHED
                                 : (flow.status & IPS_EXPECTED) != 0 ? IP_CT_RELATED
                                                                     : IP_CT_NEW);
  return result;
}

// Follows nf_conntrack_inet_error: an ICMP error carries the beginning of a packet of a known flow.
Tracking TrackError(const Packet& packet, const HostState& host, size_t inner) {
  constexpr char kUnrelated[] = "an ICMP error about no known flow";
  if (inner >= packet.transport.size()) return Invalid(kUnrelated);
  Bytes quoted = packet.transport.substr(inner);
  const Packet original = ParsePacket(std::move(quoted));
  if (original.family != packet.family || !original.protocol_known ||
      original.fragment_offset != 0) {
    return Invalid(kUnrelated);
  }
  const std::optional<Tuple> tuple = TupleOf(original);
  const std::optional<Tuple> answer = tuple.has_value() ? Inverse(*tuple) : std::nullopt;
  if (!answer.has_value() || !host.flow) return Invalid(kUnrelated);
  const std::optional<Flow> flow = host.flow(*answer);
  if (!flow.has_value()) return Invalid(kUnrelated);
  const bool reply = flow->original != *answer;
  if ((reply ? flow->reply : flow->original).destination != DestinationOf(packet)) {
    return Invalid("an ICMP error that goes elsewhere than the flow it is about");
  }
  return {.state = NF_CT_STATE_BIT(IP_CT_RELATED),
          .flow = flow,
          .direction = reply ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL};
}

// Follows nf_conntrack_icmpv6_redirect.
Tracking TrackRedirect6(const Packet& packet, const HostState& host) {
  constexpr size_t kRedirect = 40;  // RFC 4861, 4.5
  constexpr uint8_t kRedirectedHeader = 4;
  const Bytes& bytes = packet.transport;
  if (bytes.size() < kRedirect || At(bytes, 1) != 0 || At(packet.network, 7) != 255 ||
      !IsLinkLocal6(SourceOf(packet))) {
    return Invalid("a malformed redirect");
  }
  for (size_t at = kRedirect; at + 8 <= bytes.size();) {
    const size_t length = At(bytes, at + 1) * 8u;
    if (length == 0) break;
    if (At(bytes, at) == kRedirectedHeader) return TrackError(packet, host, at + 8);
    at += length;
  }
  return Invalid("a redirect about no known flow");
}

// Handles ICMP packets before the lookup; returns nullopt if the packet is looked up like any
// other.
std::optional<Tracking> TrackIcmp(const Packet& packet, const HostState& host, bool incoming) {
  const Bytes& bytes = packet.transport;
  if (bytes.size() < kIcmpHeader) return Invalid("an ICMP header cut short");
  if (incoming && host.checks_checksums && !packet.checksum_verified &&
      TransportSum(packet) != 0xffff) {
    return Invalid("a wrong checksum");
  }
  const uint8_t type = At(bytes, 0);
  if (packet.family == NFPROTO_IPV4) {
    if (type > NR_ICMP_TYPES) return Invalid("an unknown type of ICMP");
    const bool error = type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH ||
                       type == ICMP_REDIRECT || type == ICMP_TIME_EXCEEDED ||
                       type == ICMP_PARAMETERPROB;
    if (error) return TrackError(packet, host, kIcmpHeader);
    return std::nullopt;
  }
  const bool link_upkeep =
      (type >= MLD_LISTENER_QUERY && type <= ND_NEIGHBOR_ADVERT) || type == kMld2Report;
  if (link_upkeep) return Tracking{.state = NF_CT_STATE_UNTRACKED_BIT};
  if (type == ND_REDIRECT) return TrackRedirect6(packet, host);
  if (type >= ICMP6_ECHO_REQUEST) return std::nullopt;
  return TrackError(packet, host, kIcmpHeader);
}

// Returns what is wrong with the packet, whatever flow it may belong to, or null.
const char* DefectOf(const Packet& packet, const HostState& host, bool incoming) {
  const Bytes& bytes = packet.transport;
  const bool check = incoming && host.checks_checksums && !packet.checksum_verified;
  switch (packet.protocol) {
    case IPPROTO_TCP: {
      const size_t header = (At(bytes, 12) >> 4) * 4u;
      if (bytes.size() < kTcpHeader || header < kTcpHeader || header > bytes.size()) {
        return "a TCP header cut short";
      }
      if (check && TransportSum(packet) != 0xffff) return "a wrong checksum";
      return AreTcpFlagsValid(At(bytes, 13)) ? nullptr : "an impossible combination of TCP flags";
    }
    case IPPROTO_UDP: {
      const size_t length = Read16(bytes, 4);
      if (bytes.size() < kUdpHeader || length > bytes.size() || length < kUdpHeader) {
        return "a UDP header cut short";
      }
      const bool summed = Read16(bytes, 6) != 0;
      return summed && check && TransportSum(packet) != 0xffff ? "a wrong checksum" : nullptr;
    }
    case IPPROTO_UDPLITE: {
      const size_t covered = Read16(bytes, 4) == 0 ? bytes.size() : Read16(bytes, 4);
      if (bytes.size() < kUdpHeader || covered < kUdpHeader || covered > bytes.size()) {
        return "a UDP-Lite header cut short";
      }
      if (Read16(bytes, 6) == 0) return "no checksum, which UDP-Lite must have";
      if (!check) return nullptr;
      // The kernel uses the pseudo header of UDP here, so it takes right checksums for wrong ones.
      Packet as_udp = packet;
      as_udp.protocol = IPPROTO_UDP;
      const uint16_t rest = covered < bytes.size() ? HeaderSum(bytes.substr(covered)) : 0;
      const uint32_t sum = uint32_t{TransportSum(as_udp)} + static_cast<uint16_t>(~rest);
      const bool right = rest == 0 ? TransportSum(as_udp) == 0xffff : sum % 0xffff == 0;
      return right ? nullptr : "a wrong checksum";
    }
    case IPPROTO_SCTP:
      if (bytes.size() < kSctpHeader) return "an SCTP header cut short";
      if (check && SctpChecksum(bytes) != (uint32_t{Read16(bytes, 8)} << 16 | Read16(bytes, 10))) {
        return "a wrong checksum";
      }
      return AreSctpChunksSound(bytes) ? nullptr : "SCTP chunks that do not go together";
    default: return nullptr;
  }
}

// Returns why a packet may not begin a flow, or null if it may.
const char* WhyNotNew(const Packet& packet, const HostState& host) {
  const uint8_t type = At(packet.transport, 0);
  switch (packet.protocol) {
    case IPPROTO_TCP:
      return MayBeginTcp(At(packet.transport, 13), host.tcp_loose)
                 ? nullptr
                 : "a TCP segment of no known connection";
    case IPPROTO_SCTP:
      return MayBeginSctp(packet.transport) ? nullptr : "an SCTP chunk of no known association";
    case IPPROTO_ICMP:
      return type == ICMP_ECHO || type == ICMP_TIMESTAMP || type == ICMP_INFO_REQUEST ||
                     type == ICMP_ADDRESS
                 ? nullptr
                 : "an ICMP answer to no known request";
    case IPPROTO_ICMPV6:
      return type == ICMP6_ECHO_REQUEST || type == kNodeQuery
                 ? nullptr
                 : "an ICMP answer to no known request";
    default: return nullptr;
  }
}

}  // namespace

std::optional<Tuple> TupleOf(const Packet& packet) {
  constexpr uint16_t kGreVersion = 0x0007, kGrePptp = 0x0001;  // RFC 2637
  const Bytes& bytes = packet.transport;
  Tuple tuple = {.family = packet.family,
                 .source = SourceOf(packet),
                 .destination = DestinationOf(packet),
                 .protocol = packet.protocol};
  if (TracksPorts(packet.protocol)) {
    if (bytes.size() < 4) return std::nullopt;
    tuple.source_port = Read16(bytes, 0);
    tuple.destination_port = Read16(bytes, 2);
  } else if (packet.protocol == IPPROTO_ICMP || packet.protocol == IPPROTO_ICMPV6) {
    if (bytes.size() < kIcmpHeader) return std::nullopt;
    tuple.icmp_type = At(bytes, 0);
    tuple.icmp_code = At(bytes, 1);
    tuple.source_port = Read16(bytes, 4);
  } else if (packet.protocol == IPPROTO_GRE && bytes.size() >= 8 &&
             (Read16(bytes, 0) & kGreVersion) == kGrePptp) {
    constexpr uint16_t kPpp = 0x880b;
    if (Read16(bytes, 2) != kPpp) return std::nullopt;
    tuple.destination_port = Read16(bytes, 6);
  }
  return tuple;
}

Tracking Track(const Packet& packet, const HostState& host, bool incoming) {
  if (!packet.protocol_known || packet.fragment_offset != 0 ||
      (packet.family == NFPROTO_IPV6 && packet.protocol == IPPROTO_NONE)) {
    return Invalid("headers that cannot be followed");
  }
  if (IsIcmp(packet)) {
    if (std::optional<Tracking> done = TrackIcmp(packet, host, incoming)) return *std::move(done);
  }
  if (!IsIcmp(packet) && (packet.protocol == IPPROTO_ICMP || packet.protocol == IPPROTO_ICMPV6)) {
    return Invalid("the ICMP of the other family");
  }
  const std::optional<Tuple> tuple = TupleOf(packet);
  if (!tuple.has_value()) return Invalid("a header cut short");
  const std::optional<Flow> known = host.flow ? host.flow(*tuple) : std::nullopt;
  const std::optional<Tuple> answer = Inverse(*tuple);
  if (!known.has_value() && !answer.has_value()) return Invalid("a packet that begins no flow");
  if (const char* defect = DefectOf(packet, host, incoming)) return Invalid(defect);
  if (known.has_value()) {
    const Tracking found = Found(*known, *tuple);
    const TcpStep step = packet.protocol == IPPROTO_TCP
                             ? StepTcp(*known, found.direction, At(packet.transport, 13))
                             : TcpStep::kAccept;
    if (step == TcpStep::kInvalid) return Invalid("a TCP segment out of place in its connection");
    if (step == TcpStep::kAccept) return found;
  }
  if (const char* why = WhyNotNew(packet, host)) return Invalid(why);
  const bool expected = host.expected && host.expected(*tuple);
  return {.state = NF_CT_STATE_BIT(expected ? IP_CT_RELATED : IP_CT_NEW),
          .flow = Flow{.original = *tuple,
                       .reply = *answer,
                       .status = expected ? uint32_t{IPS_EXPECTED} : 0},
          .fresh = true};
}

}  // namespace firebreak::policy
