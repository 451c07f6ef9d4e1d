#ifndef FIREBREAK_CONTROLLER_FLEET_FLEET_H_
#define FIREBREAK_CONTROLLER_FLEET_FLEET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/assignment.h"
#include "controller/fleet/drift_log.h"
#include "controller/fleet/figures.h"
#include "controller/fleet/host_event_log.h"
#include "controller/fleet/host_lines.h"
#include "controller/fleet/instances.h"
#include "controller/fleet/lost_history.h"
#include "controller/fleet/number_line.h"
#include "controller/fleet/published_revision.h"
#include "controller/fleet/rollout_board.h"
#include "controller/fleet/session.h"
#include "controller/fleet/stages.h"
#include "controller/fleet/trial_line.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "controller/identity/refusal_log.h"
#include "controller/log/intake.h"
#include "controller/worker/worker.h"

namespace firebreak::controller {

// The connected hosts and the revision that each of them is to have: the newest, or, while a
// rollout has not reached the host, the one before it. A new revision goes to every session, a new
// session gets its host's revision; a host has one session, the newest.
//
// Thread-safe. Its lock is held for bookkeeping only: policies are merged and messages sent
// without it. What it refers to must outlive it, and it must outlive the sessions.
class Fleet : public SessionListener {
 public:
  // At most `max_trials` hosts are on trial at a time; 0: as many as the controller keeps up with.
  Fleet(std::shared_ptr<PublishedRevision> first, Registry& registry, RefusalLog& refusals,
        DriftLog& drifts, HostEventLog& events, RolloutBoard& rollouts, LogIntake& log,
        LostHistory& lost_history, RefusedHosts& refused_hosts, size_t max_trials);

  // Why hosts get no revisions at present; empty: they do. See LostHistory.
  std::string StoppedReason() const { return lost_history_.Reason(); }

  // Makes `next` the newest revision; the hosts that are to have it (all, if there are no stages)
  // are sent it afterwards, by a thread of the fleet's. Called by one thread at a time, with
  // ascending numbers.
  void Publish(std::shared_ptr<PublishedRevision> next,
               std::shared_ptr<const Stages> stages = nullptr) ABSL_LOCKS_EXCLUDED(mutex_);

  // Lets the rollout of `revision` reach further hosts, or, without stages, all. Ignored if there
  // is a newer revision.
  void SetStages(uint64_t revision, std::shared_ptr<const Stages> stages)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::shared_ptr<PublishedRevision> current() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The revision that this host is to have: see Stages.
  std::shared_ptr<PublishedRevision> RevisionFor(absl::string_view host) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  size_t CountConnected() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return connected_.size();
  }
  const FleetFigures& figures() const { return figures_; }
  TrialLine::Figures trials() const { return trials_.figures(); }
  Session::Lines lines() { return {trials_, numbers_}; }

  // To be called once a second.
  void Tick() { numbers_.Tick(); }

  // The host's session, if it is connected.
  std::shared_ptr<Session> Find(absl::string_view host) const ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<std::string> ConnectedHosts() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The host's labels have changed: sends it what it is to enforce now, if it is connected.
  void LabelsChanged(const std::string& host) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the host's session, if there is one.
  void Disconnect(absl::string_view host, const absl::Status& reason) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends all sessions; a later one is ended as it begins.
  void Close(const absl::Status& reason) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnHello(const std::shared_ptr<Session>& session, const v1::Hello& hello) override;
  void OnReceipt(const Session& session, const v1::Receipt& receipt) override;
  void OnRefusal(const Session& session, const v1::Refusal& refusal) override;
  void OnInForce(const Session& session, uint64_t revision) override {
    rollouts_.OnReceipt(session.host().name, revision);
  }
  void OnPushed() override { figures_.Pushed(); }
  void OnProven(absl::Duration after) override { figures_.Proven(after); }
  void OnFacts(const Session& session, const v1::Facts& facts) override;
  void OnLog(const std::shared_ptr<Session>& session, v1::LogBatch batch) override;
  void OnEvent(const Session& session, const v1::HostEvent& event) override;
  void OnEnd(const std::shared_ptr<Session>& session) override;
  absl::Time CertificateEnds(const Session& session) override;
  void OnBadMessage(const Session& session, const absl::Status& reason) override;

 private:
  struct Connected {
    std::shared_ptr<Session> session;
    std::shared_ptr<const Assignment> wanted;  // null until the first is made
    uint64_t instance = 0;                     // see Instances
    uint32_t capability = 0;                   // see proto/endpoint/capability.h
  };

  // Whether the newest revision is for this host.
  bool IsReached(absl::string_view host) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stages_ == nullptr || stages_->Reaches(host);
  }
  // Offers all connected hosts what they are to have, until a newer revision is published.
  void Offer(uint64_t revision) ABSL_LOCKS_EXCLUDED(mutex_);
  // Makes the host's assignment at the newest revision and offers it.
  void Supply(const std::string& host, const std::shared_ptr<Session>& session)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Two machines run with the host's identity, and the one of `session` is not the first: records
  // that and ends the session. `first` is where the first one is.
  void RefuseCopy(Session& session, const std::string& first);
  // Sends the host what it is to have, or refuses that in its name if its agent would not
  // understand it.
  void OfferTo(const std::string& host, const Connected& connected,
               const std::shared_ptr<const Assignment>& assignment);
  // Writes what is about a host to the log, within its bounds.
  void Tell(const std::string& host, absl::string_view text, bool warn);
  void StoreReceipt(const Session& session, const v1::Receipt& receipt);
  void StoreFacts(const Session& session, const v1::Facts& facts);
  void StoreRefusal(const std::string& host, const v1::Refusal& refusal);

  Registry& registry_;
  RefusalLog& refusals_;
  DriftLog& drifts_;
  HostEventLog& events_;
  RolloutBoard& rollouts_;
  FleetFigures figures_;
  HostLines lines_of_hosts_;
  LogIntake& log_;
  LostHistory& lost_history_;
  RefusedHosts& refused_hosts_;
  TrialLine trials_;
  NumberLine numbers_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<PublishedRevision> current_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Stages> stages_ ABSL_GUARDED_BY(mutex_);  // null: current_ is for all
  absl::flat_hash_map<std::string, Connected> connected_ ABSL_GUARDED_BY(mutex_);
  Instances instances_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> closed_ ABSL_GUARDED_BY(mutex_);
  Worker offering_;  // ends first: its jobs need all the others
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_FLEET_H_
