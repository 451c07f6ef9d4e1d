#ifndef FIREBREAK_CLI_VIEW_LOCAL_STATUS_H_
#define FIREBREAK_CLI_VIEW_LOCAL_STATUS_H_

#include <string>

#include "absl/time/time.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// What a host's own agent says of itself, for a reader.
std::string LocalStatusPage(const v1::StatusAnswer& status, absl::Time now, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOCAL_STATUS_H_
