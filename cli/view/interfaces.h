#ifndef FIREBREAK_CLI_VIEW_INTERFACES_H_
#define FIREBREAK_CLI_VIEW_INTERFACES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "cli/output/colour.h"
#include "cli/output/table.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// What a host's receipt proves of its interfaces, in one cell: "on", or "on eth0, off wlan0" where
// they differ; "-" for an unmanaged one; empty without a receipt.
Cell FirewallSummary(const v1::Host& host);
std::string LocationSummary(const v1::Host& host);

// A row for each interface: from the facts (type, addresses) and the receipt (location, firewall,
// who set it). Interfaces that only one of the two knows are shown too.
Table InterfaceTable(const v1::Host& host);

// "on" is green, "observe" yellow, "off" red.
Colour FirewallColour(absl::string_view firewall);

// Who has set whether the firewall is on: a policy, nobody, or the host itself, and then who there.
std::string SetBy(const v1::InterfaceState& state);

// What proves where the interface is, and why it is at none of the others. `live`: the host was
// asked just now, so that it can be said how old the proof is.
std::vector<std::string> Evidence(const v1::InterfaceState& state, absl::Time now, bool live);

// What an interface sees of its network, unproven: the wireless one's name, gateways, DNS suffixes.
std::string NetworkText(const v1::NetworkFacts& network);

// For each interface that its host's own administrator has switched: its name, and who, when, why.
std::vector<std::pair<std::string, std::string>> SwitchLines(const v1::Host& host, absl::Time now);

// For each interface with evidence of where it is, or of where it is not: its name and the words.
std::vector<std::pair<std::string, std::string>> LocationLines(const v1::Host& host,
                                                               absl::Time now);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_INTERFACES_H_
