// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_KEEPER_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_KEEPER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/admin/actor.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/published_revision.h"
#include "controller/fleet/stages.h"
#include "controller/hosts/registry.h"
#include "controller/log/log_store.h"
#include "controller/rollout/gate_watch.h"
#include "controller/rollout/rollout_draft.h"
#include "controller/store/database.h"
#include "firebreak/v1/plan.pb.h"
#include "firebreak/v1/rollout.pb.h"
#include "policy/rollout/rollout.h"

namespace firebreak::controller {

// Takes a revision through the fleet in waves (policy/rollout), one rollout at a time. Each step is
// in the database, with its row of the audit trail, before a host hears of it; a controller that
// was killed goes on where it was.
//
// Thread-safe; what it refers to must outlive it.
class RolloutKeeper {
 public:
  using Choice = RolloutChoice;
  // How it does.
  struct Planned {
    std::optional<v1::StagedRollout> rollout;  // none: all hosts get it at once
    // What becomes of the record of the one that is under way; none: there is none.
    std::optional<v1::StagedRollout> superseded;
  };

  // Makes a new revision with the resources of revision `to`, for all hosts at once.
  using TakeBack = std::function<absl::Status(uint64_t to, const std::string& why)>;

  RolloutKeeper(Database& database, Registry& registry, Fleet& fleet, const LogStore& log)
      : database_(database), registry_(registry), fleet_(fleet), gates_(registry, fleet, log) {}

  // Goes on with the rollout that an earlier run has left, if there is one. `load` reads the
  // configuration of a revision. Called once, before hosts connect.
  absl::Status Load(
      TakeBack take_back,
      const std::function<absl::StatusOr<std::shared_ptr<PublishedRevision>>(uint64_t)>& load)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // FailedPrecondition while a rollout is under way that this change is not to supersede: nothing
  // else may change meanwhile. The message says how it stands, and the ways on.
  absl::Status MayChange(const Choice& choice) const ABSL_LOCKS_EXCLUDED(mutex_);

  // The rollout of `after` in place of `before`; all hosts get it at once if the choice says so, or
  // as few hosts are concerned. Where it supersedes another, the hosts that this has reached come
  // first, with what they have until then, and all others come from what that one began with.
  // NotFound: there is no such strategy. A rollout that is to be superseded takes no step until
  // Begin or Abandon.
  absl::StatusOr<Planned> Plan(const std::shared_ptr<PublishedRevision>& before,
                               const std::shared_ptr<PublishedRevision>& after,
                               const Choice& choice, const Actor& actor)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Puts into `plan` in which waves the change would go out, and a warning if it would be refused
  // because of the rollout that is under way. NotFound: there is no such strategy.
  absl::Status Foresee(PublishedRevision& before, PublishedRevision& after, const Choice& choice,
                       v1::Plan& plan) const ABSL_LOCKS_EXCLUDED(mutex_);

  // It begins; its records are in the database already (PutRollout). The caller publishes `after`
  // with these stages; null: for all at once.
  std::shared_ptr<const Stages> Begin(const Planned& planned,
                                      std::shared_ptr<PublishedRevision> before,
                                      std::shared_ptr<PublishedRevision> after)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // What was planned does not come about.
  void Abandon() ABSL_LOCKS_EXCLUDED(mutex_);

  // What a person decides. FailedPrecondition with the reason if the rollout's state does not allow
  // it; NotFound if there never was one.
  absl::StatusOr<v1::StagedRollout> Command(policy::RolloutCommand command, const Actor& actor)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The newest rollout, with what its hosts have said; none: there never was one.
  std::optional<v1::StagedRollout> Report() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The newest rollouts, the newest first, without their hosts.
  absl::StatusOr<std::vector<v1::StagedRollout>> History(int64_t limit) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // To be called about once a second; `elapsed` is since the call before, by a clock that nobody
  // sets.
  void Tick(absl::Duration elapsed) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What has been seen of a reached host while this program runs.
  struct Seen {
    policy::HostProgress progress = policy::HostProgress::kAbsent;
    absl::Duration since;    // of `clock_`
    bool connected = false;  // at some time since it was reached
  };

  policy::HostObservation Observe(const std::string& host, bool connected, PublishedRevision& after)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Stores `next` and then lets the fleet follow; an error has changed nothing.
  absl::Status Follow(policy::Rollout next, const Actor& actor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // True: something other than the time has changed, and is stored.
  bool Step(policy::Rollout next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How all reached hosts stand, in the order of the line.
  std::vector<policy::HostObservation> ObserveAll(PublishedRevision& after)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the next hosts wait for, and, in waiting_for_, what people are told of it.
  policy::RoadAhead LookAhead(const std::vector<policy::HostObservation>& observations)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<const Stages> StagesNow() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellFleet() ABSL_LOCKS_EXCLUDED(telling_mutex_, mutex_);
  // Gives all hosts back what they had, if that is what is under way.
  void FinishUndo() ABSL_LOCKS_EXCLUDED(mutex_);

  Database& database_;
  Registry& registry_;
  Fleet& fleet_;
  TakeBack take_back_;

  // Held while the fleet is told, so that it hears of steps in their order.
  absl::Mutex telling_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  v1::StagedRollout record_ ABSL_GUARDED_BY(mutex_);  // revision 0: there is none
  policy::Rollout rollout_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<PublishedRevision> before_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Stages::Line> line_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Stages::Kept> kept_ ABSL_GUARDED_BY(mutex_);  // null: none
  GateWatch gates_ ABSL_GUARDED_BY(mutex_);
  std::string waiting_for_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
  absl::Duration clock_ ABSL_GUARDED_BY(mutex_);
  // When this run went on with the rollout of an earlier one.
  absl::Duration loaded_at_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  bool held_still_ ABSL_GUARDED_BY(mutex_) = false;  // while its successor is stored
  bool storing_fails_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_KEEPER_H_
