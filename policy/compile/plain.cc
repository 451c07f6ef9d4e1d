// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/plain.h"

#include <netinet/in.h>

#include <algorithm>

namespace firebreak::policy {

bool IsPlain(const v1::Mapping& mapping) {
  return mapping.local().empty() && mapping.source_ports().empty() && mapping.icmp().empty() &&
         !mapping.has_limit() && !mapping.has_connections() && mapping.users().empty() &&
         mapping.user_groups().empty() && mapping.units().empty() && !mapping.has_in() &&
         !mapping.has_out() &&
         std::none_of(mapping.ports().begin(), mapping.ports().end(),
                      [](const v1::PortRange& range) {
                        return range.protocol() == 0 || range.protocol() == IPPROTO_ICMP ||
                               range.protocol() == IPPROTO_ICMPV6;
                      });
}

}  // namespace firebreak::policy
