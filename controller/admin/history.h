// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_HISTORY_H_
#define FIREBREAK_CONTROLLER_ADMIN_HISTORY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "controller/store/database.h"
#include "firebreak/v1/admin.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::controller {

// Returns the fleet's configuration at an earlier revision. NotFound: the revision does not exist,
// or its resources are no longer kept; the message says which revisions there are.
absl::StatusOr<policy::Configuration> LoadConfiguration(Database& database, uint64_t revision);

// Returns the newest revision before `revision` whose resources are kept. NotFound: there is none.
absl::StatusOr<uint64_t> RevisionBefore(Database& database, uint64_t revision);

absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(Database& database,
                                                        const v1::ListRevisionsRequest& request);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_HISTORY_H_
