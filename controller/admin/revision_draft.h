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

// A revision that is about to be stored: its digest is known before it is, since it is in what
// hosts are sent.
struct RevisionDraft {
  struct Resource {
    std::string kind;
    std::string name;
    std::string bytes;  // empty: it is deleted
  };

  Revision revision;
  std::vector<Resource> changes;
};

// What the plan comes to as a revision behind the newest one in the database, which must be the
// one that the plan was made against. `what` begins the summary of an undo; else it is empty.
absl::StatusOr<RevisionDraft> DraftRevision(Connection& connection, const policy::Plan& plan,
                                            absl::string_view what, uint64_t number,
                                            const Actor& actor, absl::Time now);

// Resources, revision and row of the audit trail; forgets what is older than `keep` revisions.
absl::Status StoreDraft(Connection& connection, const RevisionDraft& draft,
                        absl::string_view action, int64_t keep);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_REVISION_DRAFT_H_
