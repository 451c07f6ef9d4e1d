// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOCAL_SWITCH_H_
#define FIREBREAK_CLI_VERBS_LOCAL_SWITCH_H_

#include <string>

#include "absl/status/status.h"
#include "cli/verbs/invocation.h"
#include "cli/view/switch_outcome.h"

namespace firebreak::cli {

// Tells this host's own agent to switch the firewall off, or to end such switches (any other mode),
// and prints the resulting state. PermissionDenied: the fleet's policy does not permit it. Aborted:
// the resulting state is not the wanted one.
absl::Status SwitchLocally(Invocation& invocation, const WantedSwitch& wanted,
                           const std::string& reason);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOCAL_SWITCH_H_
