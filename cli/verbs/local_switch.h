#ifndef FIREBREAK_CLI_VERBS_LOCAL_SWITCH_H_
#define FIREBREAK_CLI_VERBS_LOCAL_SWITCH_H_

#include <string>

#include "absl/status/status.h"
#include "cli/verbs/session.h"
#include "cli/view/switch_outcome.h"

namespace firebreak::cli {

// Has this host's own agent switch the firewall off, or end such switches (any other mode), and
// prints what holds then. PermissionDenied: the fleet's policy does not let it. Aborted: what holds
// is not what is wanted.
absl::Status SwitchLocally(Session& session, const WantedSwitch& wanted, const std::string& reason);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOCAL_SWITCH_H_
