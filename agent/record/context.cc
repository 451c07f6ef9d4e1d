#include "agent/record/context.h"

#include <arpa/inet.h>

#include <algorithm>

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

RecordContext MakeRecordContext(
    const v1::Logging& logging, const std::string& default_file,
    std::shared_ptr<const v1::EffectivePolicy> policy, std::span<const Link> links,
    const std::function<std::string(const std::string& interface)>& location_of) {
  RecordContext context;
  context.dropped = logging.dropped();
  context.connections = logging.connections();
  context.file = logging.file().empty() ? default_file : logging.file();
  const uint64_t kib = logging.max_size_kib() == 0 ? kDefaultKib : logging.max_size_kib();
  context.max_bytes = std::min(kib, kMostKib) << 10;
  context.policy = std::move(policy);
  if (!context.dropped && !context.connections) return context;
  for (const Link& link : links) {
    RecordContext::Interface interface = {
        .index = link.index, .name = link.name, .location = location_of(link.name)};
    for (const std::string& address : link.addresses) AddAddress(address, interface);
    const v1::EffectiveLocation* location = FindLocation(*context.policy, interface.location);
    if (location != nullptr) {
      interface.profile = policy::ProfileOf(*location, link.name, link.type);
    }
    context.interfaces.push_back(std::move(interface));
  }
  return context;
}

const v1::Mapping* FindMapping(std::span<const v1::Mapping* const> mappings, uint8_t protocol,
                               uint16_t port, absl::string_view remote) {
  for (const v1::Mapping* mapping : mappings) {
    const bool covers_port = std::any_of(
        mapping->ports().begin(), mapping->ports().end(), [&](const v1::PortRange& range) {
          return range.protocol() == protocol && range.first() <= port && port <= range.last();
        });
    if (!covers_port) continue;
    const bool covers_remote =
        mapping->remote().empty() ||
        std::any_of(mapping->remote().begin(), mapping->remote().end(),
                    [&](const v1::Prefix& prefix) { return IsIn(remote, prefix); });
    if (covers_remote) return mapping;
  }
  return nullptr;
}

}  // namespace firebreak::agent
