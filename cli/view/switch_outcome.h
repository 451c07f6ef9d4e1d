// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_SWITCH_OUTCOME_H_
#define FIREBREAK_CLI_VIEW_SWITCH_OUTCOME_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "firebreak/v1/host.pb.h"
#include "firebreak/v1/report.pb.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::cli {

// The state that a switch was meant to bring about.
struct WantedSwitch {
  v1::Firewall::Mode mode = v1::Firewall::unspecified;  // unspecified: whatever policies say
  std::string interface;                                // a name, or a prefix and "*"; empty: all
  std::string location;                                 // empty: any location
};

// Returns the firewall's state on the interfaces that the switch concerns. `against` lists the
// interfaces whose state is not the wanted one, each with who has set it and, as far as `edits`
// tell, how to end that.
v1::HostFirewall WhatHolds(const std::string& host,
                           const std::vector<v1::InterfaceState>& interfaces,
                           const WantedSwitch& wanted, const std::vector<v1::Edit>& edits);

// Returns a table with a row for each interface of each host.
std::string HostFirewallTable(const std::vector<v1::HostFirewall>& hosts, bool colours);

// Returns OK if all hosts have answered and have the wanted state; otherwise Aborted, with the
// hosts that do not.
absl::Status SwitchOutcome(const std::vector<v1::HostFirewall>& hosts, const WantedSwitch& wanted);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_SWITCH_OUTCOME_H_
