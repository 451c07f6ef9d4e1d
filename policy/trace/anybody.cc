// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/anybody.h"

#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include <set>
#include <string>
#include <utility>

namespace firebreak::policy {
namespace {

struct Named {
  std::set<uint32_t> users, groups;
};

void Add(absl::string_view bytes, std::set<uint32_t>& numbers) {
  uint32_t number = 0;
  if (bytes.size() != sizeof number) return;
  memcpy(&number, bytes.data(), sizeof number);
  numbers.insert(number);
}

// What the rules compare with the number that they have just loaded.
Named NamedIn(const ruleset::Table& table) {
  Named named;
  for (const auto& [name, chain] : table.chains) {
    for (const ruleset::Rule& rule : chain.rules) {
      std::set<uint32_t>* loaded = nullptr;
      for (const ruleset::Expression& expression : rule.expressions) {
        if (const auto* meta = std::get_if<ruleset::Meta>(&expression)) {
          loaded = meta->key == NFT_META_SKUID   ? &named.users
                   : meta->key == NFT_META_SKGID ? &named.groups
                                                 : nullptr;
          continue;
        }
        if (loaded == nullptr) continue;
        if (const auto* cmp = std::get_if<ruleset::Cmp>(&expression)) Add(cmp->value, *loaded);
        if (const auto* lookup = std::get_if<ruleset::Lookup>(&expression)) {
          const auto set = table.sets.find(lookup->set);
          if (set == table.sets.end()) continue;
          for (const ruleset::Element& element : set->second.elements) Add(element.key(), *loaded);
        }
        loaded = nullptr;
      }
    }
  }
  return named;
}

}  // namespace

Trace TraceOfAnybody(const ruleset::Ruleset& ruleset, const HostState& host, const Packet& packet) {
  Trace nobodys = TracePacket(ruleset, host, packet);
  if (nobodys.verdict != Trace::Verdict::kDrop || !packet.out.has_value() ||
      !ruleset.inet.has_value()) {
    return nobodys;
  }
  const Named named = NamedIn(*ruleset.inet);
  Packet sent = packet;
  for (const uint32_t user : named.users) {
    sent.user = user;
    Trace trace = TracePacket(ruleset, host, sent);
    if (trace.verdict != Trace::Verdict::kDrop) return trace;
  }
  sent.user.reset();
  for (const uint32_t group : named.groups) {
    sent.user_group = group;
    Trace trace = TracePacket(ruleset, host, sent);
    if (trace.verdict != Trace::Verdict::kDrop) return trace;
  }
  return nobodys;
}

}  // namespace firebreak::policy
