// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_REVISION_DRAFT_H_
#define FIREBREAK_CONTROLLER_ADMIN_REVISION_DRAFT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/admin/actor.h"
#include "controller/store/connection.h"
#include "controller/store/revisions.h"
#include "policy/resources/plan.h"

namespace firebreak::controller {

// A revision that is about to be stored. Its digest must be known before that, because pushes to
// hosts contain the digest.
struct RevisionDraft {
  struct Resource {
    std::string kind;
    std::string name;
    std::string bytes;  // empty if the resource is deleted
  };

  Revision revision;
  std::vector<Resource> changes;
};

// Makes the plan a revision that follows the newest one in the database; the plan must have been
// made against that one. `what` begins the summary of an undo, and is empty otherwise.
absl::StatusOr<RevisionDraft> DraftRevision(Connection& connection, const policy::Plan& plan,
                                            absl::string_view what, uint64_t number,
                                            const Actor& actor, absl::Time now);

// Stores resources, revision and a row of the audit trail, and forgets the resources of all but the
// newest `keep` revisions and those that the stored rollout needs.
absl::Status StoreDraft(Connection& connection, const RevisionDraft& draft,
                        absl::string_view action, int64_t keep);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_REVISION_DRAFT_H_
