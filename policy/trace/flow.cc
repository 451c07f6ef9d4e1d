// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/flow.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <utility>

namespace firebreak::policy {
namespace {

constexpr uint8_t kNodeQuery = 139, kNodeReply = 140;  // RFC 4620

std::optional<uint8_t> Answer(uint8_t protocol, uint8_t type) {
  constexpr std::pair<uint8_t, uint8_t> kIcmp[] = {{ICMP_ECHO, ICMP_ECHOREPLY},
                                                   {ICMP_TIMESTAMP, ICMP_TIMESTAMPREPLY},
                                                   {ICMP_INFO_REQUEST, ICMP_INFO_REPLY},
                                                   {ICMP_ADDRESS, ICMP_ADDRESSREPLY}};
  constexpr std::pair<uint8_t, uint8_t> kIcmp6[] = {{ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY},
                                                    {kNodeQuery, kNodeReply}};
  const auto find = [&](const auto& pairs) -> std::optional<uint8_t> {
    for (const auto& [request, reply] : pairs) {
      if (type == request) return reply;
      if (type == reply) return request;
    }
    return std::nullopt;
  };
  return protocol == IPPROTO_ICMP ? find(kIcmp) : find(kIcmp6);
}

}  // namespace

std::optional<Tuple> Inverse(const Tuple& tuple) {
  Tuple inverse = tuple;
  std::swap(inverse.source, inverse.destination);
  if (tuple.protocol != IPPROTO_ICMP && tuple.protocol != IPPROTO_ICMPV6) {
    std::swap(inverse.source_port, inverse.destination_port);
    return inverse;
  }
  const std::optional<uint8_t> answer = Answer(tuple.protocol, tuple.icmp_type);
  if (!answer.has_value()) return std::nullopt;
  inverse.icmp_type = *answer;
  return inverse;
}

}  // namespace firebreak::policy
