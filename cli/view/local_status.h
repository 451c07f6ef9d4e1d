// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_LOCAL_STATUS_H_
#define FIREBREAK_CLI_VIEW_LOCAL_STATUS_H_

#include <string>

#include "absl/time/time.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Returns a page with what a host's own agent says about the host, for people to read.
std::string LocalStatusPage(const v1::StatusAnswer& status, absl::Time now, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOCAL_STATUS_H_
