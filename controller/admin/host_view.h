#ifndef FIREBREAK_CONTROLLER_ADMIN_HOST_VIEW_H_
#define FIREBREAK_CONTROLLER_ADMIN_HOST_VIEW_H_

#include "absl/status/statusor.h"
#include "controller/fleet/fleet.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// Hosts as administrators see them. "Applied" is said of what a receipt proves, and of nothing
// else.

// Of hosts in `group` (empty: all), by name, without details. NotFound if there is no such group.
absl::StatusOr<v1::ListHostsResponse> ListHosts(const Registry& registry, const Fleet& fleet,
                                                const RefusedHosts& refused_hosts,
                                                const v1::ListHostsRequest& request);

// NotFound, with the name that was perhaps meant.
absl::StatusOr<v1::Host> GetHost(const Registry& registry, const Fleet& fleet,
                                 const RefusedHosts& refused_hosts,
                                 const v1::GetHostRequest& request);

// Leaves what a list of hosts tells of this one. Most of what is known of a host is its own word,
// and as long as it likes: a list of all must fit into a message nevertheless.
void LeaveOutDetails(v1::Host& host);

// NotFound for a name that no host has.
absl::Status NoSuchHost(const Registry& registry, absl::string_view name);

// "applied", "pending", "refused", "undone" or "unmanaged".
std::string RolloutState(const Assignment& wanted, const v1::Receipt& receipt,
                         const v1::Refusal& refusal);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_HOST_VIEW_H_
