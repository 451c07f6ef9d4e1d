// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_LOCAL_OPTIONS_H_
#define FIREBREAK_CLI_VIEW_LOCAL_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::cli {

// The options of ICMP and of the log that a host's own administrator has set, with a row for each,
// the first that concerns an interface first; empty if there are none.
std::string LocalOptionTable(const std::vector<v1::LocalSwitch>& options, absl::Time now,
                             bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOCAL_OPTIONS_H_
