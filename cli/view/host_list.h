// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_HOST_LIST_H_
#define FIREBREAK_CLI_VIEW_HOST_LIST_H_

#include <string>

#include "cli/output/colour.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// Returns a table with a row for each host.
std::string HostList(const v1::ListHostsResponse& response, bool colours);

// Returns the labels, sorted by key: "role=web,site=b"; empty if there are none.
std::string Labels(const v1::Host& host);

// The colour of a host's state, and that of its rollout: green if all is well, yellow if something
// is pending, red if somebody must act.
Colour StateColour(absl::string_view state);
Colour RolloutColour(absl::string_view rollout);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_HOST_LIST_H_
