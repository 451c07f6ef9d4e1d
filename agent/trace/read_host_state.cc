// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/read_host_state.h"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/kernel/settings/settings.h"
#include "agent/trace/traced_flow.h"
#include "base/address/address.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

using ruleset::Bytes;

int Setting(const std::string& name, int otherwise) {
  const absl::StatusOr<std::string> text = ReadSetting(name);
  int value = otherwise;
  if (text.ok() && !absl::SimpleAtoi(*text, &value)) value = otherwise;
  return value;
}

policy::HostState::Interface ReadInterface(const Link& link) {
  policy::HostState::Interface interface;
  interface.device = {.index = link.index, .name = link.name, .type = link.hardware};
  for (const std::string& address : link.addresses) {
    interface.addresses.push_back(AddressOfPrefix(address));
  }
  // The kernel combines the values of `all` and of the interface with IN_DEV_ORCONF, IN_DEV_ANDCONF
  // and IN_DEV_MAXCONF.
  const std::string ipv4 = "net/ipv4/conf/", ipv6 = "net/ipv6/conf/";
  interface.forwards4 = Setting(absl::StrCat(ipv4, link.name, "/forwarding"), 0) != 0;
  interface.forwards6 = Setting(absl::StrCat(ipv6, "all/forwarding"), 0) != 0;
  interface.accepts_local = Setting(absl::StrCat(ipv4, "all/accept_local"), 0) != 0 ||
                            Setting(absl::StrCat(ipv4, link.name, "/accept_local"), 0) != 0;
  interface.reverse_path_filter =
      static_cast<uint8_t>(std::max(Setting(absl::StrCat(ipv4, "all/rp_filter"), 0),
                                    Setting(absl::StrCat(ipv4, link.name, "/rp_filter"), 0)));
  return interface;
}

// /proc/net/igmp has a line "2  eth0  : …" for each interface, followed by indented lines that
// begin with a group, whose address is printed as a number in host byte order.
void ReadGroups4(policy::HostState& state) {
  std::ifstream file("/proc/thread-self/net/igmp");
  uint32_t interface = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string first;
    fields >> first;
    if (line.empty() || line[0] != '\t') {
      if (!absl::SimpleAtoi(first, &interface)) interface = 0;
      continue;
    }
    uint32_t group = 0;
    if (!absl::SimpleHexAtoi(first, &group)) continue;
    state.groups.insert({interface, Bytes(reinterpret_cast<const char*>(&group), sizeof group)});
  }
}

// /proc/net/igmp6 has lines such as "2    eth0    ff020000000000000000000000000001 …".
void ReadGroups6(policy::HostState& state) {
  std::ifstream file("/proc/thread-self/net/igmp6");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    uint32_t interface = 0;
    std::string name, group;
    if (!(fields >> interface >> name >> group) || group.size() != 32) continue;
    state.groups.insert({interface, absl::HexStringToBytes(group)});
  }
}

}  // namespace

absl::StatusOr<HostSockets> HostSockets::Open() {
  ASSIGN_OR_RETURN(Links links, Links::Open());
  ASSIGN_OR_RETURN(Routes routes, Routes::Open());
  ASSIGN_OR_RETURN(Conntrack conntrack, Conntrack::Open());
  return HostSockets{std::move(links), std::move(routes), std::move(conntrack)};
}

absl::StatusOr<policy::HostState> ReadHostState(HostSockets& sockets) {
  policy::HostState state;
  ASSIGN_OR_RETURN(std::vector<Link> read, sockets.links.Read());
  for (const Link& link : read) state.interfaces.push_back(ReadInterface(link));
  ASSIGN_OR_RETURN(std::vector<LocalRoute> local, sockets.routes.ReadLocal());
  for (LocalRoute& route : local) {
    state.local.push_back({std::move(route.prefix), route.length, route.type, route.interface});
  }
  ReadGroups4(state);
  ReadGroups6(state);
  state.tcp_loose = Setting("net/netfilter/nf_conntrack_tcp_loose", 1) != 0;
  state.checks_checksums = Setting("net/netfilter/nf_conntrack_checksum", 1) != 0;
  state.route = [&sockets](const Bytes& destination, uint32_t out) -> std::optional<uint32_t> {
    return sockets.routes.Find(destination, out).value_or(std::nullopt);
  };
  state.flow = [&sockets](const policy::Tuple& tuple) -> std::optional<policy::Flow> {
    return FindFlow(sockets.conntrack, tuple).value_or(std::nullopt);
  };
  return state;
}

}  // namespace firebreak::agent
