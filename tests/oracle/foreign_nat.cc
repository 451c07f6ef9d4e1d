// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/foreign_nat.h"

// glibc's headers before the kernel's, which then leave out what both define.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include "absl/strings/str_cat.h"
#include "policy/resources/prefix.h"
#include "policy/trace/addresses.h"

namespace firebreak::oracle {
namespace {

using policy::HostState;
using policy::Packet;
using policy::Translation;
using ruleset::Bytes;

constexpr int32_t kBehind = 1;  // the chain of ours at the same hook

std::string AddressText(const Bytes& address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(address.size() == 4 ? AF_INET : AF_INET6, address.data(), text, sizeof text);
  return text;
}

int32_t DestinationPriority(const ForeignNat& nat) {
  return NF_IP_PRI_NAT_DST + (nat.in_front ? -kBehind : kBehind);
}

std::string RuleText(const ForeignNat::Published& one, const Guests& guests) {
  const bool ipv4 = one.to.size() == 4;
  const std::string to = AddressText(one.to);
  return absl::StrCat(
      "    ", one.from_guests ? "" : absl::StrCat("iifname != \"", guests.bridge, "\" "),
      one.address.empty()
          ? "fib daddr type local "
          : absl::StrCat(ipv4 ? "ip" : "ip6", " daddr ", AddressText(one.address), " "),
      one.protocol == IPPROTO_TCP ? "tcp" : "udp", " dport ", one.port, " counter dnat to ",
      ipv4 ? to : absl::StrCat("[", to, "]"), ":", one.to_port, "\n");
}

std::optional<Translation> Destination(const ForeignNat& nat, const Guests& guests,
                                       const HostState& host, const Packet& packet) {
  const Bytes destination = policy::DestinationOf(packet);
  if (packet.transport.size() < 4 || !packet.flow.has_value()) return std::nullopt;
  const uint16_t port = policy::Read16(packet.transport, 2);
  for (const ForeignNat::Published& one : nat.published) {
    if (one.to.size() != destination.size() || one.protocol != packet.protocol) continue;
    if (one.port != port) continue;
    if (!one.from_guests && packet.in.has_value() && packet.in->name == guests.bridge) continue;
    const bool meant = one.address.empty() ? policy::LocalType(host, destination) == RTN_LOCAL
                                           : one.address == destination;
    if (!meant) continue;
    return Translation{.side = policy::Side::kDestination, .address = one.to, .port = one.to_port};
  }
  return std::nullopt;
}

bool IsWithin(const Bytes& address, const std::string& network) {
  const auto prefix = policy::ParsePrefix(network);
  if (!prefix.ok() || prefix->address.size() != address.size()) return false;
  const auto whole = static_cast<size_t>(prefix->length / 8);
  return address.compare(0, whole, prefix->address, 0, whole) == 0;
}

// The first address that is not of the link, as masquerading takes.
std::optional<Translation> Source(const Guests& guests, const HostState& host,
                                  const Packet& packet) {
  const Bytes source = policy::SourceOf(packet);
  const bool ipv4 = source.size() == 4;
  if (!IsWithin(source, ipv4 ? guests.network4 : guests.network6)) return std::nullopt;
  if (!packet.in.has_value() || packet.in->name != guests.bridge) return std::nullopt;
  if (!packet.out.has_value() || packet.out->name == guests.bridge) return std::nullopt;
  const HostState::Interface* out = host.Find(packet.out->index);
  if (out == nullptr) return std::nullopt;
  for (const Bytes& address : out->addresses) {
    if (address.size() != source.size() || policy::IsLinkLocal6(address)) continue;
    return Translation{.side = policy::Side::kSource, .address = address};
  }
  return std::nullopt;
}

}  // namespace

std::string NftText(const ForeignNat& nat, const Guests& guests) {
  if (nat.published.empty() && !nat.masquerades) return "";
  std::string text;
  for (const bool ipv4 : {true, false}) {
    absl::StrAppend(&text, "table ", ipv4 ? "ip" : "ip6", " engine {\n  chain DOCKER {\n");
    for (const ForeignNat::Published& one : nat.published) {
      if ((one.to.size() == 4) == ipv4) absl::StrAppend(&text, RuleText(one, guests));
    }
    absl::StrAppend(&text, "  }\n  chain PREROUTING {\n    type nat hook prerouting priority ",
                    DestinationPriority(nat), "; policy accept;\n    jump DOCKER\n  }\n");
    if (nat.for_host) {
      absl::StrAppend(&text, "  chain OUTPUT {\n    type nat hook output priority ",
                      DestinationPriority(nat), "; policy accept;\n    jump DOCKER\n  }\n");
    }
    if (nat.masquerades) {
      absl::StrAppend(&text, "  chain POSTROUTING {\n    type nat hook postrouting priority ",
                      NF_IP_PRI_NAT_SRC + kBehind, "; policy accept;\n    iifname \"",
                      guests.bridge, "\" ", ipv4 ? "ip" : "ip6", " saddr ",
                      ipv4 ? guests.network4 : guests.network6, " oifname != \"", guests.bridge,
                      "\" masquerade\n  }\n");
    }
    absl::StrAppend(&text, "}\n");
  }
  return text;
}

std::vector<HostState::OthersChain> ChainsOf(const ForeignNat& nat, const Guests& guests,
                                             const HostState& host) {
  std::vector<HostState::OthersChain> chains;
  if (nat.published.empty() && !nat.masquerades) return chains;
  for (const uint32_t hook : {NF_INET_PRE_ROUTING, NF_INET_LOCAL_OUT}) {
    if (hook == NF_INET_LOCAL_OUT && !nat.for_host) continue;
    chains.push_back({.hook = hook,
                      .priority = DestinationPriority(nat),
                      .translate = [nat, guests, &host](const Packet& packet) {
                        return Destination(nat, guests, host, packet);
                      }});
  }
  if (nat.masquerades) {
    chains.push_back({.hook = NF_INET_POST_ROUTING,
                      .priority = NF_IP_PRI_NAT_SRC + kBehind,
                      .translate = [guests, &host](const Packet& packet) {
                        return Source(guests, host, packet);
                      }});
  }
  return chains;
}

}  // namespace firebreak::oracle
