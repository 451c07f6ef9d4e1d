// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_HOST_VIEW_H_
#define FIREBREAK_CONTROLLER_ADMIN_HOST_VIEW_H_

#include "absl/status/statusor.h"
#include "controller/fleet/fleet.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// The view of hosts for administrators. A host counts as "applied" only if a receipt proves it.

// Lists the hosts in `group` (empty: all) by name, without details. NotFound: there is no such
// group.
absl::StatusOr<v1::ListHostsResponse> ListHosts(const Registry& registry, const Fleet& fleet,
                                                const RefusedHosts& refused_hosts,
                                                const v1::ListHostsRequest& request);

// NotFound: no host has the name; the message suggests the name that was perhaps meant.
absl::StatusOr<v1::Host> GetHost(const Registry& registry, const Fleet& fleet,
                                 const RefusedHosts& refused_hosts,
                                 const v1::GetHostRequest& request);

// Removes everything that a list of hosts does not show. A host reports most of these facts itself,
// at any length, and yet a list of all hosts must fit into a message.
void LeaveOutDetails(v1::Host& host);

// Returns the error for a name that no host has.
absl::Status NoSuchHost(const Registry& registry, absl::string_view name);

// Returns "applied", "pending", "refused", "undone" or "unmanaged".
std::string RolloutState(const Assignment& wanted, const v1::Receipt& receipt,
                         const v1::Refusal& refusal);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_HOST_VIEW_H_
