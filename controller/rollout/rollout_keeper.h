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
// in the database, with its row in the audit trail, before any host is told. A controller that was
// killed continues where it was.
//
// Thread-safe. The constructor's arguments must outlive this object.
class RolloutKeeper {
 public:
  using Choice = RolloutChoice;
  // How a change will go out.
  struct Planned {
    std::optional<v1::StagedRollout> rollout;  // none: all hosts get it at once
    // The record of the rollout under way that this one supersedes; none: there is none.
    std::optional<v1::StagedRollout> superseded;
  };

  // Makes a new revision with the resources of revision `to`, for all hosts at once.
  using TakeBack = std::function<absl::Status(uint64_t to, const std::string& why)>;

  RolloutKeeper(Database& database, Registry& registry, Fleet& fleet, const LogStore& log)
      : database_(database), registry_(registry), fleet_(fleet), gates_(registry, fleet, log) {}

  // Continues the rollout that an earlier run has left, if there is one. `load` reads the
  // configuration of a revision. Must be called once, before hosts connect.
  absl::Status Load(
      TakeBack take_back,
      const std::function<absl::StatusOr<std::shared_ptr<PublishedRevision>>(uint64_t)>& load)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns FailedPrecondition while a rollout is under way that this change must not supersede.
  // The message says how far the rollout is, and what can be done.
  absl::Status MayChange(const Choice& choice) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Plans the rollout that replaces `before` by `after`. All hosts get the revision at once if the
  // choice says so or if few hosts are concerned. If the rollout supersedes another, the hosts that
  // the other has reached come first and keep its revision until they are reached; all others keep
  // the revision that the other began with. Returns NotFound if there is no such strategy. A
  // rollout that is to be superseded takes no step until Begin or Abandon is called.
  absl::StatusOr<Planned> Plan(const std::shared_ptr<PublishedRevision>& before,
                               const std::shared_ptr<PublishedRevision>& after,
                               const Choice& choice, const Actor& actor)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Puts the waves of the change into `plan`, and a warning if the change would be refused because
  // of the rollout under way. Returns NotFound if there is no such strategy.
  absl::Status Foresee(PublishedRevision& before, PublishedRevision& after, const Choice& choice,
                       v1::Plan& plan) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Begins the planned rollout, whose records must be in the database already (PutRollout). The
  // caller must publish `after` with the returned stages; null means for all hosts at once.
  std::shared_ptr<const Stages> Begin(const Planned& planned,
                                      std::shared_ptr<PublishedRevision> before,
                                      std::shared_ptr<PublishedRevision> after)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Gives up what was planned.
  void Abandon() ABSL_LOCKS_EXCLUDED(mutex_);

  // Carries out a person's command. Returns FailedPrecondition with the reason if the rollout's
  // state does not allow it, and NotFound if there never was a rollout.
  absl::StatusOr<v1::StagedRollout> Command(policy::RolloutCommand command, const Actor& actor)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns the newest rollout with the progress of its hosts; none if there never was one.
  std::optional<v1::StagedRollout> Report() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns the newest rollouts, newest first, without their hosts.
  absl::StatusOr<std::vector<v1::StagedRollout>> History(int64_t limit) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Must be called about once a second. `elapsed` is the monotonic time since the last call.
  void Tick(absl::Duration elapsed) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What this process has observed of a reached host.
  struct Seen {
    policy::HostProgress progress = policy::HostProgress::kAbsent;
    absl::Duration since;    // by `clock_`
    bool connected = false;  // at any time since it was reached
  };

  policy::HostObservation Observe(const std::string& host, bool connected, PublishedRevision& after)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Stores `next`, and then lets the fleet follow. On an error nothing has changed.
  absl::Status Follow(policy::Rollout next, const Actor& actor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns true if something other than the time has changed and is stored.
  bool Step(policy::Rollout next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns the state of all reached hosts, in the order of the line.
  std::vector<policy::HostObservation> ObserveAll(PublishedRevision& after)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns the conditions for the next hosts, and sets waiting_for_, the text about them.
  policy::RoadAhead LookAhead(const std::vector<policy::HostObservation>& observations)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<const Stages> StagesNow() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellFleet() ABSL_LOCKS_EXCLUDED(telling_mutex_, mutex_);
  // Gives all hosts back the former revision, if an undo is under way.
  void FinishUndo() ABSL_LOCKS_EXCLUDED(mutex_);

  Database& database_;
  Registry& registry_;
  Fleet& fleet_;
  TakeBack take_back_;

  // Held while the fleet is told of stages, so that it hears of steps in order.
  absl::Mutex telling_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  v1::StagedRollout record_ ABSL_GUARDED_BY(mutex_);  // revision 0: none
  policy::Rollout rollout_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<PublishedRevision> before_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Stages::Line> line_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Stages::Kept> kept_ ABSL_GUARDED_BY(mutex_);  // null: none
  GateWatch gates_ ABSL_GUARDED_BY(mutex_);
  std::string waiting_for_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
  absl::Duration clock_ ABSL_GUARDED_BY(mutex_);
  // When this run continued an earlier run's rollout, by `clock_`.
  absl::Duration loaded_at_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  bool held_still_ ABSL_GUARDED_BY(mutex_) = false;  // while its successor is stored
  bool storing_fails_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_KEEPER_H_
