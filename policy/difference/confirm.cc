// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/confirm.h"

// glibc's headers must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "policy/merge/icmp_option_types.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/protocols.h"
#include "policy/trace/datagram.h"
#include "policy/trace/explain.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

constexpr uint32_t kIndex = 2;

Bytes OwnAddressFor(const Witness& witness) {
  const std::vector<std::string> own = OwnAddresses(witness.plane.address_bytes);
  return own[0] == witness.remote ? own[1] : own[0];
}

Bytes TransportOf(const Witness& witness) {
  constexpr uint8_t kSyn = 0x02, kInit = 1, kDccpRequest = 0;
  const uint16_t source = witness.source_port, destination = witness.port;
  if (witness.protocol == IcmpProtocol(witness.plane.address_bytes)) {
    return datagram::Icmp(static_cast<uint8_t>(witness.port >> 8),
                          static_cast<uint8_t>(witness.port), 1, Bytes(24, '\0'));
  }
  switch (witness.protocol) {
    case IPPROTO_TCP: return datagram::Tcp(source, destination, kSyn, 1, 0, "");
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE: return datagram::Udp(source, destination, "");
    case IPPROTO_SCTP: return datagram::Sctp(source, destination, kInit);
    case IPPROTO_DCCP: {
      // RFC 4340, 5.1: a header of five words with 48-bit sequence numbers.
      Bytes header = datagram::Number16(source) + datagram::Number16(destination) + Bytes(16, '\0');
      header[4] = 5;
      header[8] = static_cast<char>(kDccpRequest << 1 | 1);
      return header;
    }
    case IPPROTO_GRE: return datagram::Gre(/*pptp=*/false, 0, Bytes(4, '\0'));
    default: return Bytes(24, '\0');
  }
}

}  // namespace

Bytes DatagramOf(const Witness& witness, const Bytes& own, uint16_t id) {
  const bool inbound = witness.plane.way == Way::kInbound;
  constexpr uint8_t kFromTheLink = 255, kHops = 64;  // RFC 4861
  const datagram::Header header = {
      .source = inbound ? Bytes(witness.remote) : own,
      .destination = inbound ? own : Bytes(witness.remote),
      .protocol = witness.protocol,
      .id = id,
      .hops = witness.protocol == IPPROTO_ICMPV6 ? kFromTheLink : kHops};
  Bytes transport = TransportOf(witness);
  datagram::PutChecksum(header, transport);
  return datagram::MakeDatagram(header, transport);
}

namespace {

void PutAt(const std::string& location, ruleset::Ruleset& ruleset) {
  if (location == kElsewhere) return;
  for (std::optional<ruleset::Table>* table : {&ruleset.inet, &ruleset.netdev}) {
    if (!table->has_value()) continue;
    const auto set = (*table)->sets.find(LocationSetName(location));
    if (set == (*table)->sets.end()) continue;
    set->second.elements.emplace_back(Bytes(reinterpret_cast<const char*>(&kIndex), sizeof kIndex));
  }
}

}  // namespace

TracedHost::TracedHost(const v1::EffectivePolicy& policy, const Interface& interface,
                       const std::string& location, const std::string& host_location)
    : interfaces_{{.name = interface.name, .type = interface.type, .index = kIndex}},
      // A policy that does not compile gives an empty ruleset, which confirms no witness.
      ruleset_(Compile(policy, interfaces_, {.host_location = host_location})
                   .value_or(ruleset::Ruleset())) {
  PutAt(location, ruleset_);
  chains_.emplace(ruleset_);
  HostState::Interface& here = state_.interfaces.emplace_back();
  here.device = {.index = kIndex, .name = interface.name, .type = ARPHRD_ETHER};
  here.forwards4 = here.forwards6 = true;
  const auto own = [&](const Bytes& address) {
    here.addresses.push_back(address);
    state_.local.push_back({address, static_cast<uint8_t>(address.size() * 8), RTN_LOCAL, kIndex});
  };
  for (const size_t address_bytes : {size_t{4}, size_t{16}}) {
    for (const std::string& address : OwnAddresses(address_bytes)) own(address);
  }
  state_.route = [](const Bytes&, uint32_t) { return std::optional<uint32_t>(kIndex); };
  state_.flow = [](const Tuple&) { return std::optional<Flow>(); };
  state_.expected = [](const Tuple&) { return false; };
}

Trace TracedHost::Ask(const Witness& witness) const {
  Packet packet = ParsePacket(DatagramOf(witness, OwnAddressFor(witness), 1));
  const Packet::Device& device = state_.interfaces[0].device;
  (witness.plane.way == Way::kInbound ? packet.in : packet.out) = device;
  packet.checksum_verified = true;
  return TracePacket(ruleset_, *chains_, state_, std::move(packet));
}

bool TracedHost::Confirms(const Witness& witness, const Outcome& outcome) const {
  const Trace trace = Ask(witness);
  const bool observed = IsObserved(trace);
  using Action = Outcome::Action;
  const Bytes sent_to =
      witness.plane.way == Way::kInbound ? OwnAddressFor(witness) : Bytes(witness.remote);
  const bool has_ports = TracksPorts(witness.protocol);
  const uint16_t port_after =
      has_ports && trace.packet.transport.size() >= 4 ? Read16(trace.packet.transport, 2) : 0;
  const auto arrives = [&](const Bytes& address, uint16_t port) {
    return trace.verdict == Trace::Verdict::kAccept && DestinationOf(trace.packet) == address &&
           (!has_ports || port_after == port);
  };
  switch (outcome.action) {
    case Action::kRefused:
    case Action::kRejected: return trace.verdict == Trace::Verdict::kDrop;
    case Action::kObserved: return observed && arrives(sent_to, witness.port);
    case Action::kAdmitted: return !observed && arrives(sent_to, witness.port);
    case Action::kProxied: return trace.verdict == Trace::Verdict::kAnswer;
    case Action::kForwarded:
      return !observed &&
             arrives(outcome.forward_address.empty() ? sent_to : Bytes(outcome.forward_address),
                     outcome.forward_port == 0 ? witness.port : outcome.forward_port);
  }
  return false;
}

}  // namespace firebreak::policy
