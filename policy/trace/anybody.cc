// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/anybody.h"

#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace firebreak::policy {
namespace {

struct Named {
  std::set<uint32_t> users, groups;
  std::set<std::pair<uint32_t, uint64_t>> units;  // level and number of their control groups
};

// Collects the numbers that rules compare with the sender, which an expression has just loaded into
// a register.
class Loaded {
 public:
  explicit Loaded(Named& named) : named_(named) {}

  // Returns whether the expression loads who sends.
  bool Load(const ruleset::Expression& expression) {
    numbers_ = nullptr;
    level_.reset();
    if (const auto* meta = std::get_if<ruleset::Meta>(&expression)) {
      if (meta->key == NFT_META_SKUID) numbers_ = &named_.users;
      if (meta->key == NFT_META_SKGID) numbers_ = &named_.groups;
    }
    if (const auto* socket = std::get_if<ruleset::Socket>(&expression)) level_ = socket->level;
    return numbers_ != nullptr || level_.has_value();
  }

  void Add(absl::string_view bytes) {
    uint32_t number = 0;
    uint64_t group = 0;
    if (numbers_ != nullptr && bytes.size() == sizeof number) {
      memcpy(&number, bytes.data(), sizeof number);
      numbers_->insert(number);
    }
    if (level_.has_value() && bytes.size() == sizeof group) {
      memcpy(&group, bytes.data(), sizeof group);
      named_.units.insert({*level_, group});
    }
  }

 private:
  Named& named_;
  std::set<uint32_t>* numbers_ = nullptr;
  std::optional<uint32_t> level_;
};

// Returns all senders that the table's rules compare packets with.
Named NamedIn(const ruleset::Table& table) {
  Named named;
  for (const auto& [name, chain] : table.chains) {
    for (const ruleset::Rule& rule : chain.rules) {
      Loaded loaded(named);
      bool compared = false;
      for (const ruleset::Expression& expression : rule.expressions) {
        if (compared) {
          if (const auto* cmp = std::get_if<ruleset::Cmp>(&expression)) loaded.Add(cmp->value);
          if (const auto* lookup = std::get_if<ruleset::Lookup>(&expression)) {
            const auto set = table.sets.find(lookup->set);
            if (set != table.sets.end()) {
              for (const ruleset::Element& one : set->second.elements) loaded.Add(one.key());
            }
          }
        }
        compared = loaded.Load(expression);
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
  sent.user_group.reset();
  for (const auto& [level, number] : named.units) {
    sent.control_groups.assign(level, 0);
    sent.control_groups.push_back(number);
    Trace trace = TracePacket(ruleset, host, sent);
    if (trace.verdict != Trace::Verdict::kDrop) return trace;
  }
  return nobodys;
}

}  // namespace firebreak::policy
