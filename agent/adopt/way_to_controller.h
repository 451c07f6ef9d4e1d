// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ADOPT_WAY_TO_CONTROLLER_H_
#define FIREBREAK_AGENT_ADOPT_WAY_TO_CONTROLLER_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/kernel/conntrack/flow.h"
#include "agent/kernel/links/links.h"
#include "policy/ruleset/ruleset.h"
#include "policy/trace/host_state.h"

namespace firebreak::agent {

// How a host reaches its controller.
struct WayToController {
  std::string host;     // a name or an IP address, as the operator gave it
  std::string address;  // last reached at, 4 or 16 bytes; empty: unknown
};

// Returns the port of "NAME:PORT" or "[ADDRESS]:PORT"; 0 if it has none.
uint16_t PortOf(const std::string& controller);

// Parses "NAME:PORT" or "[ADDRESS]:PORT", and the peer as gRPC names it: "ipv4:192.0.2.1:7443".
WayToController ParseWay(const std::string& controller, const std::string& peer);

// Whether the rules would accept a packet that begins the flow now.
bool LetsBegin(const ruleset::Ruleset& rules, const policy::HostState& host, const Flow& flow);

// Finds what this host needs on its way to the controller although the rules would not let it begin
// anew: connections that may carry the way, if it leads through a tunnel or through this host
// itself, and name servers. Returns texts for people, at most kMaxFindings.
//
// `host` must know no flows. `name_servers` are the servers that this host asks, as text.
inline constexpr size_t kMaxFindings = 5;
std::vector<std::string> FindHelp(const ruleset::Ruleset& rules, const policy::HostState& host,
                                  std::span<const Link> links, std::span<const Flow> flows,
                                  std::span<const std::string> name_servers,
                                  const WayToController& way);

// Returns the name servers that this host asks for `name`; none if the name needs no name server,
// being an address or an entry of /etc/hosts. `root` is "" except in tests.
std::vector<std::string> NameServersFor(const std::string& root, const std::string& name);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ADOPT_WAY_TO_CONTROLLER_H_
