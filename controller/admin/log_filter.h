// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_LOG_FILTER_H_
#define FIREBREAK_CONTROLLER_ADMIN_LOG_FILTER_H_

#include "absl/status/statusor.h"
#include "controller/hosts/registry.h"
#include "firebreak/v1/log.pb.h"
#include "policy/merge/select.h"

namespace firebreak::controller {

// Returns the filter with each group replaced by the hosts that are in it now. NotFound: a group
// has no hosts.
absl::StatusOr<v1::LogFilter> ResolveGroups(const v1::LogFilter& filter, const Registry& registry,
                                            const policy::Selector& selector);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_LOG_FILTER_H_
