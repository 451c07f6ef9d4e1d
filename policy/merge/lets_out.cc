// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/lets_out.h"

#include <algorithm>

#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

bool CoversPort(const v1::Mapping& mapping, uint8_t protocol, uint16_t port) {
  return std::any_of(mapping.ports().begin(), mapping.ports().end(), [&](const auto& range) {
    return range.protocol() == kAnyProtocol ||
           (range.protocol() == protocol && range.first() <= port && port <= range.last());
  });
}

// Whether the mapping decides about every packet to the port.
bool DecidesAlways(const v1::Mapping& mapping) {
  return mapping.remote().empty() && mapping.local().empty() && mapping.source_ports().empty() &&
         !mapping.has_limit() && !mapping.has_connections() && mapping.users().empty() &&
         mapping.user_groups().empty() && mapping.units().empty() && mapping.expires() == 0;
}

}  // namespace

bool LetsOut(const Profile& profile, uint8_t protocol, uint16_t port) {
  if (profile.firewall != v1::Firewall::on) return true;
  for (const v1::Mapping* mapping : profile.outbound) {
    if (!CoversPort(*mapping, protocol, port)) continue;
    const bool names_senders =
        !mapping->users().empty() || !mapping->user_groups().empty() || !mapping->units().empty();
    if (mapping->action() == v1::Traffic::allow) {
      if (!names_senders && mapping->expires() == 0) return true;
    } else if (DecidesAlways(*mapping)) {
      return false;
    }
  }
  return profile.outbound_default == v1::Traffic::allow;
}

bool LetsOutForNow(const Profile& profile, uint8_t protocol, uint16_t port) {
  if (profile.firewall != v1::Firewall::on) return false;
  bool for_now = false;
  for (const v1::Mapping* mapping : profile.outbound) {
    if (!CoversPort(*mapping, protocol, port)) continue;
    if (mapping->action() == v1::Traffic::allow) {
      if (mapping->expires() == 0) return false;
      for_now = true;
    } else if (DecidesAlways(*mapping)) {
      return for_now;
    }
  }
  return for_now && profile.outbound_default != v1::Traffic::allow;
}

}  // namespace firebreak::policy
