// SPDX-License-Identifier: Apache-2.0
#include "agent/adopt/way_to_controller.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/location/dns_facts.h"
#include "agent/location/first_packet.h"
#include "base/address/address.h"
#include "base/files/files.h"
#include "policy/trace/anybody.h"
#include "policy/trace/trace.h"

namespace firebreak::agent {
namespace {

constexpr uint16_t kDnsPort = 53;
constexpr size_t kMaxFileBytes = 1 << 20;

// Returns the part before the port: "fw.example" for "fw.example:7443", "2001:db8::1" for
// "[2001:db8::1]:1".
std::string HostOf(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host;
}

std::string FlowText(const Flow& flow) {
  const char* protocol = flow.protocol == IPPROTO_TCP   ? "TCP "
                         : flow.protocol == IPPROTO_UDP ? "UDP "
                                                        : "";
  return absl::StrCat("the connection ", protocol,
                      AddressAndPortText(flow.original.source, flow.original.source_port), " to ",
                      AddressAndPortText(flow.original.destination, flow.original.destination_port),
                      ", which is older than the rules");
}

// Whether the way may lead through another connection of this host: a tunnel's, or that of a local
// program that forwards data.
bool MayBeCarried(const policy::HostState& host, std::span<const Link> links,
                  const WayToController& way) {
  if (way.address.empty() || policy::IsLocal(host, way.address)) return true;
  const std::optional<uint32_t> out = host.route(way.address, 0);
  const auto link = std::find_if(links.begin(), links.end(), [&](const Link& one) {
    return out.has_value() && one.index == *out;
  });
  if (link == links.end()) return true;
  constexpr const char* kOrdinary[] = {"ethernet", "wireless", "vlan", "bridge", "container"};
  return std::none_of(std::begin(kOrdinary), std::end(kOrdinary),
                      [&](const char* type) { return link->type == type; });
}

bool IsAlive(const Flow& flow) {
  // TCP_CONNTRACK_ESTABLISHED; an end that has closed carries nothing any more.
  constexpr uint8_t kEstablished = 3;
  if (flow.protocol == IPPROTO_TCP) return flow.tcp_state.value_or(0) == kEstablished;
  return (flow.status & IPS_SEEN_REPLY) != 0;
}

// Returns the flow of a DNS query to a name server.
Flow QuestionTo(const std::string& server) {
  Flow flow;
  flow.family = server.size() == 4 ? AF_INET : AF_INET6;
  flow.protocol = IPPROTO_UDP;
  // Rules only check whether the source is the host's own; it is filled in later.
  flow.original = {.source = std::string(server.size(), '\0'), .destination = server};
  flow.original.source_port = 40'000;
  flow.original.destination_port = kDnsPort;
  return flow;
}

}  // namespace

uint16_t PortOf(const std::string& controller) {
  const size_t colon = controller.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(absl::string_view(controller).substr(colon + 1), &port) || port > 65535) {
    return 0;
  }
  return static_cast<uint16_t>(port);
}

WayToController ParseWay(const std::string& controller, const std::string& peer) {
  WayToController way = {.host = HostOf(controller),
                         .address = ParseAddress(HostOf(controller)).value_or("")};
  absl::string_view address = peer;
  if (absl::ConsumePrefix(&address, "ipv4:") || absl::ConsumePrefix(&address, "ipv6:")) {
    const std::optional<std::string> bytes = ParseAddress(HostOf(std::string(address)));
    if (bytes.has_value()) way.address = *bytes;
  }
  return way;
}

bool LetsBegin(const ruleset::Ruleset& rules, const policy::HostState& host, const Flow& flow) {
  const bool outbound = !policy::IsLocal(host, flow.original.destination);
  const std::string& remote = outbound ? flow.original.destination : flow.original.source;
  const std::optional<uint32_t> index = host.route(remote, 0);
  const policy::HostState::Interface* device = index.has_value() ? host.Find(*index) : nullptr;
  // Without a route, the rules are not what prevents the flow.
  if (device == nullptr) return true;
  policy::Packet packet = FirstPacket(flow);
  (outbound ? packet.out : packet.in) = device->device;
  return policy::TraceOfAnybody(rules, host, packet).verdict != policy::Trace::Verdict::kDrop;
}

std::vector<std::string> FindHelp(const ruleset::Ruleset& rules, const policy::HostState& host,
                                  std::span<const Link> links, std::span<const Flow> flows,
                                  std::span<const std::string> name_servers,
                                  const WayToController& way) {
  std::vector<std::string> found;
  if (MayBeCarried(host, links, way)) {
    for (const Flow& flow : flows) {
      // An expected flow was permitted by the flow that announced it.
      if (found.size() == kMaxFindings || !IsAlive(flow) || (flow.status & IPS_EXPECTED) != 0) {
        continue;
      }
      const bool from_here = policy::IsLocal(host, flow.original.source);
      // Flows within this host pass no rules, and forwarded flows belong to others.
      if (from_here == policy::IsLocal(host, flow.original.destination)) continue;
      if (!LetsBegin(rules, host, flow)) found.push_back(FlowText(flow));
    }
  }
  std::vector<std::string> shut;
  for (const std::string& server : name_servers) {
    const std::optional<std::string> address = ParseAddress(server);
    if (!address.has_value()) continue;
    if (policy::IsLocal(host, *address)) return found;
    Flow question = QuestionTo(*address);
    const std::optional<uint32_t> out = host.route(*address, 0);
    const policy::HostState::Interface* device = out.has_value() ? host.Find(*out) : nullptr;
    if (device == nullptr) continue;
    for (const auto& own : device->addresses) {
      if (own.size() == address->size())
        question.original.source = std::string(own.begin(), own.end());
    }
    if (LetsBegin(rules, host, question)) return found;  // one reachable server is enough
    shut.push_back(server);
  }
  if (!shut.empty() && found.size() < kMaxFindings) {
    found.push_back(absl::StrCat("the address that ", way.host,
                                 " had when its name could be resolved (the rules let nobody ask ",
                                 absl::StrJoin(shut, ", "), ")"));
  }
  return found;
}

std::vector<std::string> NameServersFor(const std::string& root, const std::string& name) {
  if (ParseAddress(name).has_value() || absl::EqualsIgnoreCase(name, "localhost")) return {};
  for (absl::string_view line :
       absl::StrSplit(ReadBeginning(root + "/etc/hosts", kMaxFileBytes).value_or(""), '\n')) {
    line = line.substr(0, line.find('#'));
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    for (size_t i = 1; i < words.size(); ++i) {
      if (absl::EqualsIgnoreCase(words[i], name)) return {};
    }
  }
  std::vector<std::string> servers;
  // If /etc/resolv.conf names a resolver on this host, the other files name the servers that this
  // resolver asks.
  for (const char* file : {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf",
                           "/run/NetworkManager/no-stub-resolv.conf"}) {
    std::vector<std::string> named =
        ParseResolvConf(ReadBeginning(root + file, kMaxFileBytes).value_or("")).servers;
    if (named.empty()) continue;
    servers = std::move(named);
    const bool here = std::any_of(servers.begin(), servers.end(), [](const std::string& server) {
      return absl::StartsWith(server, "127.") || server == "::1";
    });
    if (!here) return servers;
  }
  return servers;
}

}  // namespace firebreak::agent
