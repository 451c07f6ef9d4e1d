#ifndef FIREBREAK_CLI_VIEW_INTERFACES_H_
#define FIREBREAK_CLI_VIEW_INTERFACES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "cli/output/colour.h"
#include "cli/output/table.h"
#include "firebreak/v1/admin.pb.h"

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

// For each interface with evidence of where it is, or of where it is not: its name and the words.
std::vector<std::pair<std::string, std::string>> LocationLines(const v1::Host& host,
                                                               absl::Time now);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_INTERFACES_H_
