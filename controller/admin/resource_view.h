// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_RESOURCE_VIEW_H_
#define FIREBREAK_CONTROLLER_ADMIN_RESOURCE_VIEW_H_

#include "absl/status/statusor.h"
#include "controller/fleet/published_revision.h"
#include "controller/hosts/registry.h"
#include "controller/store/database.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// Returns resources by kind, then by name, at the revision that the request names; the answer has
// the revision's number. InvalidArgument: no such kind. NotFound: no resource has the name.
absl::StatusOr<v1::GetResourcesResponse> GetResources(const PublishedRevision& newest,
                                                      Database& database,
                                                      const v1::GetResourcesRequest& request);

// Returns every port mapping of every policy, or of the policies for the target host or group, by
// priority.
absl::StatusOr<v1::ListMappingsResponse> ListMappings(const PublishedRevision& revision,
                                                      const Registry& registry,
                                                      const v1::ListMappingsRequest& request);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_RESOURCE_VIEW_H_
