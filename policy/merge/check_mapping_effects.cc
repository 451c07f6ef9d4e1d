// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/check_mapping_effects.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/resources/protocols.h"
#include "policy/resources/unit_name.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxSourcePorts = 1000;
constexpr int kMaxKinds = 64;
constexpr int kMaxSenders = 64;
constexpr size_t kMaxSenderBytes = 64;
constexpr uint64_t kMostCount = 1'000'000;
constexpr uint32_t kMostBurst = 10'000;

absl::Status Wrong(absl::string_view reason) { return absl::InvalidArgumentError(reason); }

// The kernel's units of time, which are nft(8)'s second, minute, hour and day.
bool IsUnit(uint64_t seconds) {
  return seconds == 1 || seconds == 60 || seconds == 3600 || seconds == 86400;
}

absl::Status CheckKinds(const v1::Mapping& mapping) {
  if (mapping.icmp_size() > kMaxKinds) {
    return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxKinds, " types of ICMP"));
  }
  for (const v1::IcmpKind& kind : mapping.icmp()) {
    const bool of_protocol =
        std::any_of(mapping.ports().begin(), mapping.ports().end(),
                    [&](const auto& range) { return range.protocol() == kind.protocol(); });
    if (kind.protocol() > 255 || !IsIcmp(static_cast<uint8_t>(kind.protocol())) || !of_protocol ||
        kind.type() > 255 || kind.code() > 255) {
      return Wrong(absl::StrCat("a type ", kind.type(), " of protocol ", kind.protocol()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSourcePorts(const v1::Mapping& mapping) {
  if (mapping.source_ports_size() > kMaxSourcePorts) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", kMaxSourcePorts, " source ports"));
  }
  for (const v1::PortSpan& span : mapping.source_ports()) {
    if (span.first() > span.last() || span.last() > 65535) {
      return Wrong(absl::StrCat("source ports ", span.first(), "-", span.last(), " are no range"));
    }
  }
  for (const v1::PortRange& range : mapping.ports()) {
    if (!mapping.source_ports().empty() && !HasPorts(static_cast<uint8_t>(range.protocol()))) {
      return Wrong(absl::StrCat("source ports of protocol ", range.protocol()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSenders(const v1::Mapping& mapping) {
  if (mapping.units_size() > kMaxSenders) {
    return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxSenders, " units"));
  }
  for (const std::string& name : mapping.units()) RETURN_IF_ERROR(CheckUnitName(name));
  for (const auto* names : {&mapping.users(), &mapping.user_groups()}) {
    if (names->size() > kMaxSenders) {
      return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxSenders, " accounts"));
    }
    for (const std::string& name : *names) {
      if (name.empty() || name.size() > kMaxSenderBytes) return Wrong("an account without a name");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const v1::Mapping& mapping) {
  const v1::Limit& limit = mapping.limit();
  const bool refuses = mapping.action() != v1::Traffic::allow;
  if (mapping.has_limit() &&
      (limit.flows() < 1 || limit.flows() > kMostCount || !IsUnit(limit.seconds()) ||
       limit.burst() < 1 || limit.burst() > kMostBurst || refuses)) {
    return Wrong(absl::StrCat("a limit of ", limit.flows(), " in ", limit.seconds(),
                              " s and a burst of ", limit.burst()));
  }
  const uint32_t most = mapping.connections().max();
  if (mapping.has_connections() && (most < 1 || most > kMostCount || refuses)) {
    return Wrong(absl::StrCat("a limit of ", most, " connections"));
  }
  if (mapping.has_forward() && (mapping.has_limit() || mapping.has_connections())) {
    return Wrong("a forward with a limit");
  }
  const v1::MappingLog& log = mapping.log();
  if (log.records() > kMostCount || (log.records() != 0 && !IsUnit(log.seconds()))) {
    return Wrong(absl::StrCat("records of ", log.records(), " in ", log.seconds(), " s"));
  }
  if (mapping.expires() < 0) return Wrong("an expiry before 1970");
  return absl::OkStatus();
}

// The SYN proxy matches only port and source, so a proxied mapping may have no other condition.
absl::Status CheckProxy(const v1::Mapping& mapping) {
  const bool says_more = !mapping.local().empty() || !mapping.source_ports().empty() ||
                         mapping.has_limit() || mapping.has_connections();
  if (mapping.proxy_handshake() && (says_more || mapping.action() != v1::Traffic::allow)) {
    return Wrong("a proxied handshake of more than ports and sources");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckMappingEffects(const v1::Mapping& mapping) {
  RETURN_IF_ERROR(CheckKinds(mapping));
  RETURN_IF_ERROR(CheckSourcePorts(mapping));
  RETURN_IF_ERROR(CheckSenders(mapping));
  RETURN_IF_ERROR(CheckLimits(mapping));
  return CheckProxy(mapping);
}

}  // namespace firebreak::policy
