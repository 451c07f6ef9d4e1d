// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/icmp_option_types.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

namespace firebreak::policy {
namespace {

constexpr uint8_t kMld2Report = 143;  // RFC 3810

constexpr uint8_t kEssentialInbound[] = {
    ICMP6_PACKET_TOO_BIG, MLD_LISTENER_QUERY,  MLD_LISTENER_REPORT, MLD_LISTENER_REDUCTION,
    ND_ROUTER_ADVERT,     ND_NEIGHBOR_SOLICIT, ND_NEIGHBOR_ADVERT,  kMld2Report,
};
constexpr uint8_t kEssentialOutbound[] = {
    ICMP6_PACKET_TOO_BIG, MLD_LISTENER_REPORT, MLD_LISTENER_REDUCTION,
    ND_ROUTER_SOLICIT,    ND_NEIGHBOR_SOLICIT, ND_NEIGHBOR_ADVERT,
    kMld2Report,
};

constexpr IcmpOptionType kRequests[] = {
    {IcmpOption::kEchoRequest, ICMP_ECHO, ICMP6_ECHO_REQUEST},
    {IcmpOption::kTimestampRequest, ICMP_TIMESTAMP, std::nullopt},
    {IcmpOption::kAddressMaskRequest, ICMP_ADDRESS, std::nullopt},
    {IcmpOption::kRouterRequest, kIcmpRouterSolicitation, ND_ROUTER_SOLICIT},
    // IPv4's redirects belong to a flow, so the rules for related packets decide about them. IPv6's
    // belong to none.
    {IcmpOption::kRedirect, std::nullopt, ND_REDIRECT},
};

constexpr IcmpOptionType kErrors[] = {
    {IcmpOption::kDestinationUnreachable, ICMP_DEST_UNREACH, ICMP6_DST_UNREACH},
    {IcmpOption::kSourceQuench, ICMP_SOURCE_QUENCH, std::nullopt},
    {IcmpOption::kParameterProblem, ICMP_PARAMETERPROB, ICMP6_PARAM_PROB},
    {IcmpOption::kTimeExceeded, ICMP_TIME_EXCEEDED, ICMP6_TIME_EXCEEDED},
    {IcmpOption::kRedirect, ICMP_REDIRECT, ND_REDIRECT},
};

}  // namespace

uint8_t IcmpProtocol(size_t address_bytes) {
  return address_bytes == 4 ? uint8_t{IPPROTO_ICMP} : uint8_t{IPPROTO_ICMPV6};
}

std::span<const uint8_t> EssentialIcmpv6Types(bool inbound) {
  return inbound ? std::span<const uint8_t>(kEssentialInbound)
                 : std::span<const uint8_t>(kEssentialOutbound);
}

bool IsValidAlone(uint8_t type, size_t address_bytes) {
  constexpr uint8_t kInformationRequest = 15, kNodeQuery = 139;  // RFC 792, RFC 4620
  if (address_bytes == 4) {
    return type == ICMP_ECHO || type == ICMP_TIMESTAMP || type == kInformationRequest ||
           type == ICMP_ADDRESS;
  }
  return type == ICMP6_ECHO_REQUEST || type == kNodeQuery ||
         (type >= MLD_LISTENER_QUERY && type <= ND_NEIGHBOR_ADVERT) || type == kMld2Report;
}

std::span<const IcmpOptionType> IcmpRequestTypes() { return kRequests; }
std::span<const IcmpOptionType> IcmpErrorTypes() { return kErrors; }

}  // namespace firebreak::policy
