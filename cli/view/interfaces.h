// SPDX-License-Identifier: Apache-2.0
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

// Summarizes in one cell what a host's receipt proves about its interfaces: "on", or "on eth0, off
// wlan0" if they differ; "-" for an unmanaged host; empty without a receipt.
Cell FirewallSummary(const v1::Host& host);
std::string LocationSummary(const v1::Host& host);

// Makes a row for each interface, from the facts (type, addresses) and the receipt (location,
// firewall, who set it). Interfaces that are in only one of the two are shown too.
Table InterfaceTable(const v1::Host& host);

// Green for "on", yellow for "observe", red for "off".
Colour FirewallColour(absl::string_view firewall);

// Returns who decided whether the firewall is on: a policy, nobody, or the host itself, and then
// who on the host.
std::string SetBy(const v1::InterfaceState& state);

// Returns what proves the interface's location, and why it is not at the others, in sentences.
// `live`: the host was asked just now, so the age of the proof is known.
std::vector<std::string> Evidence(const v1::InterfaceState& state, absl::Time now, bool live);

// Returns what an interface sees of its network without proof: the name of the wireless network,
// gateways, DNS suffixes.
std::string NetworkText(const v1::NetworkFacts& network);

// Returns, for each interface that its host's own administrator has switched, its name and who did
// it, when and why; then the options of ICMP and of the log that he has set, with where they hold.
std::vector<std::pair<std::string, std::string>> SwitchLines(const v1::Host& host, absl::Time now);

// Returns, for each interface with evidence about its location, its name and that evidence in
// words.
std::vector<std::pair<std::string, std::string>> LocationLines(const v1::Host& host,
                                                               absl::Time now);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_INTERFACES_H_
