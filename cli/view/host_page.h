#ifndef FIREBREAK_CLI_VIEW_HOST_PAGE_H_
#define FIREBREAK_CLI_VIEW_HOST_PAGE_H_

#include <string>

#include "absl/time/time.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// All that is known of one host, for a reader; and, where something is wrong, what to do next.
std::string HostPage(const v1::Host& host, absl::Time now, bool colours);

// The same as the host's own agent tells it. `host` has what `status` says of the firewall.
std::string LocalHostPage(const v1::Host& host, const v1::StatusAnswer& status, absl::Time now,
                          bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_HOST_PAGE_H_
