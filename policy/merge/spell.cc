// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/spell.h"

#include <optional>
#include <utility>

#include "policy/resources/expiry.h"
#include "policy/resources/forward.h"
#include "policy/resources/resolve.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

template <typename Message, typename Field>
void Fill(std::vector<Message> values, Field* field) {
  for (Message& value : values) *field->Add() = std::move(value);
}

// Spells out which packets the mapping covers, and which users or units send them.
void SpellPackets(const Configuration& configuration, const v1::PortMapping& written,
                  LocalSide local, v1::Mapping& mapping) {
  Fill(PortRangesOf(configuration, written), mapping.mutable_ports());
  Fill(IcmpKindsOf(written), mapping.mutable_icmp());
  Fill(SourcePortsOf(written), mapping.mutable_source_ports());
  const bool to = local == LocalSide::kTo;
  Fill(to ? SendersOf(written) : ReceiversOf(written), mapping.mutable_remote());
  Fill(to ? ReceiversOf(written) : SendersOf(written), mapping.mutable_local());
  *mapping.mutable_users() = written.users();
  *mapping.mutable_user_groups() = written.user_groups();
  *mapping.mutable_units() = written.units();
  if (written.has_in()) *mapping.mutable_in() = written.in();
  if (written.has_out()) *mapping.mutable_out() = written.out();
}

// Spells out what is done with these packets.
void SpellEffects(const v1::PortMapping& written, v1::Mapping& mapping) {
  if (const auto forward = ParseForward(written.forward_to()); forward.ok()) {
    *mapping.mutable_forward() = *forward;
  }
  mapping.set_proxy_handshake(written.handshake() == v1::Handshake::proxy);
  for (const std::string& response : written.responses()) {
    if (const auto ports = ParseServicePort(response); ports.ok()) {
      *mapping.add_responses() = *ports;
    }
  }
  if (const auto limit = LimitOf(written)) *mapping.mutable_limit() = *limit;
  if (const auto most = MostFlowsOf(written)) *mapping.mutable_connections() = *most;
  if (const auto log = LogOf(written)) *mapping.mutable_log() = *log;
  if (const auto expires = ParseExpiry(written.expires()); expires.ok()) {
    mapping.set_expires(*expires);
  }
}

}  // namespace

v1::Mappings Spell(const Configuration& configuration, const std::string& policy,
                   const std::vector<WrittenMapping>& list, LocalSide local) {
  std::vector<const v1::PortMapping*> pointers;
  pointers.reserve(list.size());
  for (const WrittenMapping& written : list) pointers.push_back(written.mapping);
  const std::vector<std::string> names = MappingNames(pointers);
  v1::Mappings mappings;
  for (size_t i = 0; i < list.size(); ++i) {
    const v1::PortMapping& written = *list[i].mapping;
    if (!IsEnabled(written)) continue;
    v1::Mapping& mapping = *mappings.add_items();
    mapping.set_name(names[i]);
    mapping.set_policy(policy);
    mapping.set_action(list[i].action);
    mapping.set_description(written.description());
    SpellPackets(configuration, written, local, mapping);
    SpellEffects(written, mapping);
  }
  return mappings;
}

}  // namespace firebreak::policy
