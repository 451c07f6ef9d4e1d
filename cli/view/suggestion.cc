// SPDX-License-Identifier: Apache-2.0
#include "cli/view/suggestion.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"

namespace firebreak::cli {
namespace {

constexpr size_t kMaxKinds = 100'000;
constexpr size_t kMaxRemotes = 4096;
constexpr size_t kMaxHosts = 4;
// More sources than this are summarised as their networks, and more networks as any address.
constexpr size_t kMaxPrefixes = 8;
constexpr int kNetwork4 = 24, kNetwork6 = 64;

// Returns the addresses, or else their networks; none if there are too many of both.
std::vector<std::string> Prefixes(const std::set<std::string>& remotes) {
  const auto as_prefixes = [&](int length4, int length6) {
    std::set<std::string> prefixes;
    for (std::string address : remotes) {
      const int length = address.size() == 4 ? length4 : length6;
      for (size_t i = static_cast<size_t>(length) / 8; i < address.size(); ++i) address[i] = 0;
      prefixes.insert(policy::PrefixText({address, length}));
    }
    return std::vector<std::string>(prefixes.begin(), prefixes.end());
  };
  for (const auto& [length4, length6] : {std::pair{32, 128}, {kNetwork4, kNetwork6}}) {
    std::vector<std::string> prefixes = as_prefixes(length4, length6);
    if (prefixes.size() <= kMaxPrefixes) return prefixes;
  }
  return {};
}

bool IsIcmp(uint8_t protocol) { return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6; }

// Whether the packet looks like a late answer and not like the beginning of a flow.
bool IsLateAnswer(const policy::Witness& packet) {
  constexpr uint16_t kWellKnown = 1024, kClients = 32768;
  return packet.protocol == IPPROTO_UDP && packet.source_port < kWellKnown &&
         packet.port >= kClients;
}

}  // namespace

void Suggestion::Add(const std::string& host, const policy::Witness& packet, int64_t time_micros) {
  // Options decide about ICMP, not mappings.
  if (IsIcmp(packet.protocol) || IsLateAnswer(packet)) return;
  const Kind kind = {packet.plane.way, packet.protocol, packet.port};
  if (seen_.size() >= kMaxKinds && !seen_.contains(kind)) {
    ++beyond_;
    return;
  }
  Seen& seen = seen_[kind];
  ++seen.times;
  seen.last_micros = std::max(seen.last_micros, time_micros);
  if (seen.hosts.size() <= kMaxHosts) seen.hosts.insert(host);
  if (seen.remotes.size() < kMaxRemotes) seen.remotes.insert(packet.remote);
}

std::vector<const std::pair<const Suggestion::Kind, Suggestion::Seen>*> Suggestion::Told(
    policy::Way way) const {
  std::vector<const std::pair<const Kind, Seen>*> told;
  for (const auto& entry : seen_) {
    if (std::get<0>(entry.first) == way && entry.second.times >= least_) told.push_back(&entry);
  }
  std::stable_sort(told.begin(), told.end(),
                   [](const auto* a, const auto* b) { return a->second.times > b->second.times; });
  return told;
}

v1::Resource Suggestion::Policy() const {
  v1::Resource resource;
  v1::Policy& policy = *resource.mutable_policy();
  policy.set_name(absl::StrCat("suggested-", group_));
  policy.add_groups(group_);
  for (const policy::Way way : {policy::Way::kInbound, policy::Way::kOutbound}) {
    for (const auto* entry : Told(way)) {
      const auto protocol = std::get<1>(entry->first);
      v1::PortMapping& mapping = way == policy::Way::kInbound
                                     ? *policy.mutable_port_mappings()->add_items()
                                     : *policy.mutable_outbound()->add_allow();
      mapping.set_protocol(policy::ProtocolText(protocol));
      if (policy::HasPorts(protocol)) mapping.add_ports(absl::StrCat(std::get<2>(entry->first)));
      for (std::string& prefix : Prefixes(entry->second.remotes)) {
        (way == policy::Way::kInbound ? mapping.add_from() : mapping.add_to())->swap(prefix);
      }
    }
  }
  return resource;
}

std::string Suggestion::Text() const {
  std::string text =
      absl::StrCat("kind: Policy\nname: suggested-", group_, "\ngroups: [", group_, "]\n");
  const v1::Resource resource = Policy();
  const auto append = [&](const auto& mappings, policy::Way way, absl::string_view indent) {
    const auto told = Told(way);
    for (size_t i = 0; i < told.size(); ++i) {
      const Seen& seen = told[i]->second;
      const v1::PortMapping& mapping = mappings[static_cast<int>(i)];
      std::vector<std::string> hosts(seen.hosts.begin(), seen.hosts.end());
      if (hosts.size() > kMaxHosts) hosts.back() = "others";
      absl::StrAppend(&text, indent, "# ", seen.times, seen.times == 1 ? " time, " : " times, ",
                      seen.remotes.size(), seen.remotes.size() == kMaxRemotes ? " and more" : "",
                      seen.remotes.size() == 1 ? " address" : " addresses", ", last ",
                      absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixMicros(seen.last_micros),
                                       absl::UTCTimeZone()),
                      " UTC, on ", absl::StrJoin(hosts, ", "), "\n", indent,
                      "- {protocol: ", mapping.protocol());
      if (!mapping.ports().empty()) absl::StrAppend(&text, ", ports: \"", mapping.ports(0), "\"");
      const auto& remote = way == policy::Way::kInbound ? mapping.from() : mapping.to();
      if (!remote.empty()) {
        absl::StrAppend(&text, way == policy::Way::kInbound ? ", from: [" : ", to: [",
                        absl::StrJoin(remote, ", ",
                                      [](std::string* out, const std::string& prefix) {
                                        absl::StrAppend(out, "'", prefix, "'");
                                      }),
                        "]");
      }
      absl::StrAppend(&text, "}\n");
    }
  };
  const v1::Policy& policy = resource.policy();
  if (policy.has_port_mappings()) {
    absl::StrAppend(&text, "port_mappings:\n");
    append(policy.port_mappings().items(), policy::Way::kInbound, "  ");
  }
  if (policy.has_outbound()) {
    absl::StrAppend(&text, "outbound:\n  allow:\n");
    append(policy.outbound().allow(), policy::Way::kOutbound, "    ");
  }
  uint64_t rare = 0;
  for (const auto& [kind, seen] : seen_) rare += seen.times < least_ ? 1 : 0;
  if (rare > 0) {
    absl::StrAppend(&text, "# ", rare, " kinds of packets that came less than ", least_,
                    " times are left out; see --least\n");
  }
  if (beyond_ > 0) absl::StrAppend(&text, "# and ", beyond_, " packets of still other kinds\n");
  return text;
}

}  // namespace firebreak::cli
