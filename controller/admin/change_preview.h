// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_CHANGE_PREVIEW_H_
#define FIREBREAK_CONTROLLER_ADMIN_CHANGE_PREVIEW_H_

#include "absl/status/statusor.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/published_revision.h"
#include "controller/hosts/registry.h"
#include "controller/log/log_store.h"
#include "controller/rollout/rollout_keeper.h"
#include "controller/store/database.h"
#include "firebreak/v1/admin.pb.h"
#include "policy/resources/plan.h"

namespace firebreak::controller {

// Answers questions about changes, and changes nothing. An answer is about the newest revision at
// the time of the question. Thread-safe; what it refers to must outlive it.
class ChangePreview {
 public:
  ChangePreview(Database& database, const Registry& registry, const Fleet& fleet,
                const RolloutKeeper& rollouts, const LogStore& log)
      : database_(database), registry_(registry), fleet_(fleet), rollouts_(rollouts), log_(log) {}

  // What Apply would do. InvalidArgument with Problems: the request is wrong.
  absl::StatusOr<v1::DiffResponse> Diff(const v1::ApplyRequest& request) const;
  // NotFound: a revision's resources are not kept.
  absl::StatusOr<v1::DiffResponse> DiffRevisions(const v1::DiffRevisionsRequest& request) const;
  // Which packets Apply would treat otherwise, with the evidence that is asked for; waits for
  // hosts, so not for a thread that others wait for. NotFound: there is no such host to change a
  // label of. Other errors as Diff.
  absl::StatusOr<v1::Plan> Plan(const v1::PlanRequest& request) const;

  // Which invariants do not hold now, and where.
  v1::ListViolationsResponse Violations() const;

 private:
  absl::StatusOr<v1::DiffResponse> Difference(PublishedRevision& before, PublishedRevision& after,
                                              const policy::Plan& plan) const;

  Database& database_;
  const Registry& registry_;
  const Fleet& fleet_;
  const RolloutKeeper& rollouts_;
  const LogStore& log_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_CHANGE_PREVIEW_H_
