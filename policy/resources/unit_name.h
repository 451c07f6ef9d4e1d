// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_UNIT_NAME_H_
#define FIREBREAK_POLICY_RESOURCES_UNIT_NAME_H_

#include <string>

#include "absl/status/status.h"

namespace firebreak::policy {

// Checks the name of a systemd unit that programs can belong to (systemd.unit(5)): a service, a
// scope, a slice, or another unit that runs programs for its work. Returns InvalidArgument with the
// reason, and the nearest valid name if there is one.
absl::Status CheckUnitName(const std::string& name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_UNIT_NAME_H_
