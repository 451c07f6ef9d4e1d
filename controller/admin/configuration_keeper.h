// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_CONFIGURATION_KEEPER_H_
#define FIREBREAK_CONTROLLER_ADMIN_CONFIGURATION_KEEPER_H_

#include <memory>
#include <span>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/admin/actor.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/lost_history.h"
#include "controller/fleet/published_revision.h"
#include "controller/hosts/registry.h"
#include "controller/rollout/rollout_keeper.h"
#include "controller/store/database.h"
#include "firebreak/v1/admin.pb.h"
#include "policy/resources/plan.h"

namespace firebreak::controller {

// A revision that the database holds; 0: the newest.
absl::StatusOr<std::shared_ptr<PublishedRevision>> LoadRevision(Database& database,
                                                                const LostHistory& lost_history,
                                                                uint64_t number = 0);

// Makes revisions, one at a time: plan against the newest, check that every host's merged policy
// can be delivered, store (resources, revision and audit entry in one transaction), publish to the
// fleet. What has been answered is stored; what failed has changed nothing. Thread-safe; what it
// refers to must outlive it.
class ConfigurationKeeper {
 public:
  // The resources of so many revisions are kept.
  ConfigurationKeeper(Database& database, Registry& registry, Fleet& fleet,
                      LostHistory& lost_history, RolloutKeeper& rollouts, int64_t keep)
      : database_(database),
        registry_(registry),
        fleet_(fleet),
        lost_history_(lost_history),
        rollouts_(rollouts),
        keep_(keep) {}

  // InvalidArgument with Problems: the request is wrong. Aborted: another revision is the newest
  // than the request insists on. FailedPrecondition: the controller has lost revisions, see
  // LostHistory. Others: it could not be stored.
  absl::StatusOr<v1::ApplyResponse> Apply(const v1::ApplyRequest& request, const Actor& actor)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<v1::ApplyResponse> Delete(const v1::DeleteResourceRequest& request,
                                           const Actor& actor) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<v1::ApplyResponse> SetSwitch(const v1::SetSwitchRequest& request,
                                              const Actor& actor) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<v1::ApplyResponse> AddMapping(const v1::AddMappingRequest& request,
                                               const Actor& actor) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<v1::ApplyResponse> RemoveMapping(const v1::RemoveMappingRequest& request,
                                                  const Actor& actor) ABSL_LOCKS_EXCLUDED(mutex_);

  // A new revision with the resources of an old one, checked as if they were new. NotFound: they
  // are not kept.
  absl::StatusOr<v1::ApplyResponse> Undo(const v1::UndoRequest& request, const Actor& actor)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The same for a rollout that has failed: for all hosts at once, while the rollout is under way.
  // Nothing happens if that has been done.
  absl::Status TakeBack(uint64_t to, absl::string_view why) ABSL_LOCKS_EXCLUDED(mutex_);

  // Labels of a host, which `set` gives it, unless invariants forbid that; `overridden` is for the
  // audit trail, as in InvariantVerdict. Answers with what is to be told. NotFound: there is no
  // such host. InvalidArgument as above. Others are those of `set`.
  absl::StatusOr<google::protobuf::RepeatedPtrField<v1::Problem>> Label(
      const v1::SetHostLabelsRequest& request,
      absl::FunctionRef<absl::Status(const std::string& overridden)> set)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Manner {
    absl::string_view action;  // as the audit trail calls it
    std::string what = {};     // begins the revision's summary
    RolloutKeeper::Choice choice = {};
    bool takes_back = false;    // it ends the rollout that is under way; invariants are not asked
    std::string override = {};  // as in v1::ApplyRequest
    std::span<const policy::SourceFile> files = {};
  };
  absl::StatusOr<v1::ApplyResponse> Commit(const policy::Plan& plan, const Manner& manner,
                                           const Actor& actor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Aborted: a file says of which revision it is, and something in it that the plan changes has
  // changed since then.
  absl::Status CheckFilesAreNew(const v1::ApplyRequest& request, const policy::Plan& plan) const;
  // Aborted: `id` is not empty, and not of the plan of this change.
  absl::Status CheckPlanId(const std::string& id, const policy::Plan& plan) const;

  Database& database_;
  Registry& registry_;
  Fleet& fleet_;
  LostHistory& lost_history_;
  RolloutKeeper& rollouts_;
  const int64_t keep_;
  absl::Mutex mutex_;  // held from planning to publishing
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_CONFIGURATION_KEEPER_H_
