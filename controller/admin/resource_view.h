#ifndef FIREBREAK_CONTROLLER_ADMIN_RESOURCE_VIEW_H_
#define FIREBREAK_CONTROLLER_ADMIN_RESOURCE_VIEW_H_

#include "absl/status/statusor.h"
#include "controller/fleet/published_revision.h"
#include "controller/hosts/registry.h"
#include "controller/store/database.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// The configuration as administrators ask for it.

// By kind, then by name. InvalidArgument: no such kind; NotFound: no resource of that name.
// As they stand in the revision that the request names, whose number the answer has.
absl::StatusOr<v1::GetResourcesResponse> GetResources(const PublishedRevision& newest,
                                                      Database& database,
                                                      const v1::GetResourcesRequest& request);

// Every port mapping of every policy, or of those that the target host or group is in, in the
// order of their priority.
absl::StatusOr<v1::ListMappingsResponse> ListMappings(const PublishedRevision& revision,
                                                      const Registry& registry,
                                                      const v1::ListMappingsRequest& request);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_RESOURCE_VIEW_H_
