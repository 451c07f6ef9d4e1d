// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_HOST_PAGE_H_
#define FIREBREAK_CLI_VIEW_HOST_PAGE_H_

#include <string>

#include "absl/time/time.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Returns a page with everything that is known about one host, for people to read, and with the
// next step where something is wrong.
std::string HostPage(const v1::Host& host, absl::Time now, bool colours);

// Returns the same page, made from what the host's own agent says. `host` holds the firewall's part
// of `status`.
std::string LocalHostPage(const v1::Host& host, const v1::StatusAnswer& status, absl::Time now,
                          bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_HOST_PAGE_H_
