// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/hardening.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <string>
#include <utility>

#include "policy/compile/match.h"
#include "policy/hardening/resolve.h"

namespace firebreak::policy {
namespace {

using ruleset::Bitwise;
using ruleset::Bytes;
using ruleset::Cmp;
using ruleset::Exthdr;
using ruleset::Payload;
using ruleset::Rule;

constexpr uint32_t kNetwork = NFT_PAYLOAD_NETWORK_HEADER, kTransport = NFT_PAYLOAD_TRANSPORT_HEADER;
constexpr uint8_t kMaskRequest = 17, kMaskReply = 18;  // RFC 950
constexpr uint8_t kRedirect = 137;                     // RFC 4861
// RFC 791, 3.1: loose and strict source route, and the no-operation between options.
constexpr char kLoose = '\x83', kStrict = '\x89', kFilling = '\x01';
constexpr uint32_t kOptions = 20;
constexpr uint32_t kMostFilling = 3;
constexpr char kSourceRoutes[] = "source-routes";

Bytes Byte(uint8_t value) { return Bytes(1, static_cast<char>(value)); }

bool DropsSourceRoutes(const v1::EffectivePolicy& policy, const v1::Hardened& host) {
  constexpr char kName[] = "disable_ip_source_routing";
  constexpr int64_t kDropped = 2;
  if (SettingOr(host, kName, 0) == kDropped) return true;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    for (const v1::Layer& layer : location.layers()) {
      for (const v1::InterfaceLayer& section : layer.interfaces()) {
        if (SettingOr(section.settings().hardening(), kName, 0) == kDropped) return true;
      }
    }
  }
  return false;
}

// Refuses packets whose first option, apart from no-operations, is a source route; that is how
// senders write it. The kernel itself drops packets with a source route behind other options,
// because its accept_source_route is 0 then (ip_rcv_options). nft's own match of options does not
// help: it only finds source routes that no router has used yet (ipv4_find_option).
void AddSourceRoutes(TableBuilder& table) {
  const ruleset::Verdict refuse = table.Refuse("source-routed", /*observe=*/false);
  std::vector<Rule> rules;
  for (uint32_t filling = 0; filling <= kMostFilling; ++filling) {
    for (const char type : {kLoose, kStrict}) {
      const Bytes begin = Bytes(filling, kFilling) + type;
      rules.push_back(MakeRule(
          {{Payload{kNetwork, kOptions, filling + 1, 0}, Cmp{0, NFT_CMP_EQ, begin}}}, refuse));
    }
  }
  table.AddChain(kSourceRoutes, std::move(rules));
}

}  // namespace

std::vector<Rule> HardenPrerouting(const v1::EffectivePolicy& policy, const v1::Hardened& host,
                                   TableBuilder& table) {
  std::vector<Rule> rules;
  if (DropsSourceRoutes(policy, host)) {
    AddSourceRoutes(table);
    constexpr uint8_t kHeaderWords = 0x0f, kNoOptions = 5;
    rules.push_back(
        MakeRule({IsFamily(NFPROTO_IPV4),
                  {Payload{kNetwork, 0, 1, 0}, Bitwise{0, 0, Byte(kHeaderWords), Byte(0)},
                   Cmp{0, NFT_CMP_GT, Byte(kNoOptions)}}},
                 {.code = NFT_JUMP, .chain = kSourceRoutes}));
    rules.push_back(MakeRule(
        {IsFamily(NFPROTO_IPV6), {Exthdr{IPPROTO_ROUTING, 0}, Cmp{0, NFT_CMP_EQ, Byte(1)}}},
        table.Refuse("source-routed", /*observe=*/false)));
  }
  if (SettingOr(host, "enable_addr_mask_reply", 1) == 0) {
    rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMP, kMaskRequest)},
                             table.Refuse("mask-request", /*observe=*/false)));
  }
  if (SettingOr(host, "no_name_release_on_demand", 0) == 1) {
    // RFC 1002, 4.2.1.1: two bytes behind the UDP header come the response bit and the opcode.
    constexpr uint32_t kOpcode = 8 + 2;
    constexpr uint8_t kOpcodeBits = 0x78, kRelease = 6 << 3;
    constexpr uint16_t kNameService = 137;
    rules.push_back(
        MakeRule({IsPortBetween(IPPROTO_UDP, kNameService, kNameService),
                  {Payload{kTransport, kOpcode, 1, 0}, Bitwise{0, 0, Byte(kOpcodeBits), Byte(0)},
                   Cmp{0, NFT_CMP_EQ, Byte(kRelease)}}},
                 table.Refuse("name-release", /*observe=*/false)));
  }
  return rules;
}

std::vector<Rule> HardenOutput(const v1::Hardened& host, TableBuilder& table) {
  std::vector<Rule> rules;
  if (SettingOr(host, "enable_addr_mask_reply", 1) == 0) {
    rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMP, kMaskReply)},
                             table.Refuse("mask-reply", /*observe=*/false)));
  }
  // The kernel's setting covers only IPv4's redirects (ip6_forward).
  if (SettingOr(host, "enable_icmp_redirect", 1) == 0) {
    rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMPV6, kRedirect)},
                             table.Refuse("sent-redirect", /*observe=*/false)));
  }
  return rules;
}

void AddHardenedForward(const v1::Hardened& host, TableBuilder& table) {
  if (SettingOr(host, "enable_multicast_forwarding", 1) != 0) return;
  const ruleset::Verdict refuse = table.Refuse("multicast-forward", /*observe=*/false);
  ruleset::Chain chain;
  chain.hook = {.number = NF_INET_FORWARD,
                .priority = NF_IP_PRI_FILTER - 1,
                .policy = NF_ACCEPT,
                .type = "filter"};
  for (const uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
    chain.rules.push_back(MakeRule({IsFamily(family), IsMulticastDestination(family)}, refuse));
  }
  table.AddChain("hardened-forward", std::move(chain));
}

}  // namespace firebreak::policy
