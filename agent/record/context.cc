// SPDX-License-Identifier: Apache-2.0
#include "agent/record/context.h"

#include <arpa/inet.h>

#include <algorithm>

#include "policy/merge/expiring.h"
#include "policy/resources/protocols.h"
#include "proto/log/words.h"

namespace firebreak::agent {
namespace {

constexpr uint64_t kDefaultKib = 4096;
constexpr uint64_t kMostKib = 32767;

const v1::EffectiveLocation* FindLocation(const v1::EffectivePolicy& policy,
                                          const std::string& name) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (location.name() == name) return &location;
  }
  return nullptr;
}

// Parses text such as "192.0.2.1/24".
void AddAddress(const std::string& text, RecordContext::Interface& interface) {
  const std::string plain = text.substr(0, text.find('/'));
  char bytes[sizeof(in6_addr)];
  std::pair<LogAddress, uint8_t> address;
  for (const auto& [family, length] : {std::pair(AF_INET, 4), std::pair(AF_INET6, 16)}) {
    if (inet_pton(family, plain.c_str(), bytes) != 1) continue;
    ToLogAddress({bytes, static_cast<size_t>(length)}, address.first, address.second);
    interface.addresses.push_back(address);
  }
}

bool IsIn(absl::string_view address, const v1::Prefix& prefix) {
  if (prefix.address().size() != address.size()) return false;
  for (uint32_t bit = 0; bit < prefix.length() && bit < address.size() * 8; bit += 8) {
    const uint32_t left = std::min<uint32_t>(prefix.length() - bit, 8);
    const auto mask = static_cast<uint8_t>(0xff00 >> left);
    if (((address[bit / 8] ^ prefix.address()[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

}  // namespace

RecordContext MakeRecordContext(const v1::Logging& logging, const std::string& default_file,
                                std::shared_ptr<const v1::EffectivePolicy> policy,
                                std::span<const Link> links, const InterfaceLocations& locations) {
  RecordContext context;
  context.dropped = logging.dropped();
  context.connections = logging.connections();
  context.file = logging.file().empty() ? default_file : logging.file();
  const uint64_t kib = logging.max_size_kib() == 0 ? kDefaultKib : logging.max_size_kib();
  context.max_bytes = std::min(kib, kMostKib) << 10;
  context.policy = std::move(policy);
  const std::vector<const v1::Mapping*> all = policy::AllMappings(*context.policy);
  context.mappings = std::any_of(all.begin(), all.end(),
                                 [](const v1::Mapping* mapping) { return mapping->has_log(); });
  if (!context.WantsAny()) return context;
  for (const Link& link : links) {
    RecordContext::Interface interface = {
        .index = link.index, .name = link.name, .location = locations.At(link.name)};
    for (const std::string& address : link.addresses) AddAddress(address, interface);
    const v1::EffectiveLocation* location = FindLocation(*context.policy, interface.location);
    if (location != nullptr) {
      interface.profile = policy::ProfileOf(*location, link.name, link.type);
    }
    context.interfaces.push_back(std::move(interface));
  }
  return context;
}

namespace {

bool CoversPorts(const v1::Mapping& mapping, const Record& record) {
  const bool icmp = policy::IsIcmp(record.protocol);
  const bool covers =
      std::any_of(mapping.ports().begin(), mapping.ports().end(), [&](const v1::PortRange& range) {
        if (range.protocol() == policy::kAnyProtocol) return true;
        return range.protocol() == record.protocol &&
               (icmp || (range.first() <= record.destination_port &&
                         record.destination_port <= range.last()));
      });
  if (!covers) return false;
  const auto& spans = mapping.source_ports();
  const bool from =
      spans.empty() || std::any_of(spans.begin(), spans.end(), [&](const auto& span) {
        return span.first() <= record.source_port && record.source_port <= span.last();
      });
  const auto& kinds = mapping.icmp();
  return from &&
         (kinds.empty() || std::any_of(kinds.begin(), kinds.end(), [&](const v1::IcmpKind& kind) {
            return kind.protocol() == record.protocol && kind.type() == record.icmp_type &&
                   (!kind.has_code() || kind.code() == record.icmp_code);
          }));
}

bool CoversAddress(const google::protobuf::RepeatedPtrField<v1::Prefix>& prefixes,
                   absl::string_view address) {
  return prefixes.empty() ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const v1::Prefix& prefix) { return IsIn(address, prefix); });
}

// Whether the mapping decides only about some of the packets that it covers. A record does not show
// which.
bool DecidesSometimes(const v1::Mapping& mapping) {
  return mapping.has_limit() || mapping.has_connections() || !mapping.users().empty() ||
         !mapping.user_groups().empty() || !mapping.units().empty() || mapping.expires() != 0;
}

}  // namespace

const v1::Mapping* FindMapping(std::span<const v1::Mapping* const> mappings, const Record& record,
                               absl::string_view remote, absl::string_view local) {
  for (const v1::Mapping* mapping : mappings) {
    if (!CoversPorts(*mapping, record) || !CoversAddress(mapping->remote(), remote) ||
        !CoversAddress(mapping->local(), local)) {
      continue;
    }
    // A mapping that admits only sometimes is not why a packet was refused, and vice versa.
    const bool refused = record.action == Action::kDrop;
    if (DecidesSometimes(*mapping) && refused == (mapping->action() == v1::Traffic::allow)) {
      continue;
    }
    return mapping;
  }
  return nullptr;
}

}  // namespace firebreak::agent
