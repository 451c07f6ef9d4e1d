// SPDX-License-Identifier: Apache-2.0
#include "cli/input/packet.h"

// glibc's headers must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/address/address.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "policy/resources/icmp_types.h"
#include "policy/resources/protocols.h"

namespace firebreak::cli {
namespace {

absl::Status Wrong(absl::string_view option, absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(option, " '", Escape(text), "': ", why));
}

// Parses a number of at most `most`; returns false for anything else.
bool ParseNumber(absl::string_view text, uint32_t most, uint32_t& number) {
  return absl::SimpleAtoi(text, &number) && number <= most && text[0] != '+' && text[0] != '-';
}

struct EndPoint {
  std::string address;  // 4 or 16 bytes
  uint32_t port = 0;
};

absl::StatusOr<EndPoint> ParseEndPoint(absl::string_view option, const std::string& text) {
  constexpr char kForms[] =
      "give an address and, if the protocol has ports, a port: 192.0.2.1:80, [2001:db8::1]:80";
  std::string address = text, port;
  if (absl::StartsWith(text, "[")) {
    const size_t end = text.find("]:");
    if (end == std::string::npos) return Wrong(option, text, kForms);
    address = text.substr(1, end - 1);
    port = text.substr(end + 2);
  } else if (text.find(':') == text.rfind(':') && text.find(':') != std::string::npos) {
    address = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
    if (port.empty()) return Wrong(option, text, kForms);
  }
  std::optional<std::string> bytes = ParseAddress(address);
  if (!bytes.has_value()) return Wrong(option, text, kForms);
  EndPoint result;
  result.address = *std::move(bytes);
  if (!port.empty() && !ParseNumber(port, 65535, result.port)) return Wrong(option, text, kForms);
  return result;
}

absl::StatusOr<uint32_t> ParseFlags(const std::string& text) {
  constexpr std::pair<absl::string_view, uint32_t> kFlags[] = {
      {"fin", 0x01}, {"syn", 0x02}, {"rst", 0x04}, {"psh", 0x08}, {"ack", 0x10},
      {"urg", 0x20}, {"ece", 0x40}, {"cwr", 0x80}, {"none", 0}};
  uint32_t flags = 0;
  for (absl::string_view word : absl::StrSplit(text, ',')) {
    bool known = false;
    for (const auto& [name, bit] : kFlags) {
      if (!absl::EqualsIgnoreCase(word, name)) continue;
      flags |= bit;
      known = true;
    }
    if (!known) {
      return Wrong("--flags", text, "there are fin, syn, rst, psh, ack, urg, ece, cwr, and none");
    }
  }
  return flags;
}

}  // namespace

absl::StatusOr<v1::TraceQuestion> ParsePacketOptions(const PacketOptions& options) {
  v1::TraceQuestion question;
  if (options.in.empty() && options.out.empty()) {
    return absl::InvalidArgumentError(
        "give --in, where the packet comes in, --out, where the host sends it, or both for a "
        "packet "
        "that is routed");
  }
  // A packet that does not come in is sent by the host.
  const bool sent = options.in.empty();
  question.set_in_interface(options.in);
  question.set_out_interface(options.out);
  if (options.packet_socket && !sent) {
    return absl::InvalidArgumentError(
        "--packet-socket is about what the host sends: give --out and no --in");
  }
  question.set_packet_socket(options.packet_socket);
  if ((!options.user.empty() || !options.unit.empty()) && !sent) {
    return absl::InvalidArgumentError(
        "--user and --unit are about what the host sends: give --out and no --in");
  }
  question.set_user(options.user);
  question.set_unit(options.unit);

  ASSIGN_OR_RETURN(const EndPoint from, ParseEndPoint("--from", options.from));
  ASSIGN_OR_RETURN(const EndPoint to, ParseEndPoint("--to", options.to));
  if (from.address.size() != to.address.size()) {
    return absl::InvalidArgumentError(
        "--from and --to must both be IPv4 addresses or both IPv6 addresses");
  }
  question.set_source(from.address);
  question.set_destination(to.address);
  const bool ipv4 = from.address.size() == 4;

  const absl::StatusOr<uint8_t> protocol = policy::ParseMappingProtocol(options.protocol);
  if (!protocol.ok()) return Wrong("--proto", options.protocol, protocol.status().message());
  if (*protocol == policy::kAnyProtocol) {
    return Wrong("--proto", options.protocol, "a packet is of one protocol");
  }
  // "icmp" means the ICMP of the packet's family.
  question.set_protocol(*protocol == IPPROTO_ICMP && !ipv4 ? uint32_t{IPPROTO_ICMPV6}
                                                           : uint32_t{*protocol});
  const bool ports = policy::HasPorts(*protocol);
  if (!ports && (from.port != 0 || to.port != 0)) {
    return Wrong("--proto", options.protocol, "it has no ports");
  }
  constexpr uint32_t kAnyClientPort = 40000;
  question.set_source_port(ports && from.port == 0 ? kAnyClientPort : from.port);
  question.set_destination_port(to.port);
  if (ports && to.port == 0) return Wrong("--to", options.to, "a port is missing");

  const bool icmp = *protocol == IPPROTO_ICMP || *protocol == IPPROTO_ICMPV6;
  if (!icmp && (!options.type.empty() || options.code.has_value())) {
    return absl::InvalidArgumentError("--type and --code are for ICMP");
  }
  if (icmp) {
    const absl::StatusOr<v1::IcmpKind> kind =
        policy::ParseIcmpKind(options.type.empty() ? "echo-request" : options.type,
                              static_cast<uint8_t>(question.protocol()));
    if (!kind.ok()) return Wrong("--type", options.type, kind.status().message());
    question.set_icmp_type(kind->type());
    question.set_icmp_code(options.code.value_or(kind->code()));
  }
  if (*protocol != IPPROTO_TCP && !options.flags.empty()) {
    return absl::InvalidArgumentError("--flags are for TCP");
  }
  if (*protocol == IPPROTO_TCP) {
    ASSIGN_OR_RETURN(const uint32_t flags,
                     ParseFlags(options.flags.empty() ? "syn" : options.flags));
    question.set_tcp_flags(flags);
  }
  return question;
}

}  // namespace firebreak::cli
