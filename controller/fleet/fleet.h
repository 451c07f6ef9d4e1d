// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_FLEET_H_
#define FIREBREAK_CONTROLLER_FLEET_FLEET_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/assignment.h"
#include "controller/fleet/drift_log.h"
#include "controller/fleet/host_event_log.h"
#include "controller/fleet/host_lines.h"
#include "controller/fleet/host_stream.h"
#include "controller/fleet/instances.h"
#include "controller/fleet/lost_history.h"
#include "controller/fleet/number_line.h"
#include "controller/fleet/published_revision.h"
#include "controller/fleet/rollout_board.h"
#include "controller/fleet/stages.h"
#include "controller/fleet/stats.h"
#include "controller/fleet/trial_line.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "controller/identity/refused_attempts.h"
#include "controller/log/intake.h"
#include "controller/worker/worker.h"

namespace firebreak::controller {

// The connected hosts, and the revision that each of them is to have: the newest, or the one before
// it while a rollout has not reached the host. Sends new revisions to all streams, and to a new
// stream its host's revision. A host has one stream, the newest.
//
// Thread-safe. The lock is held for bookkeeping only: policies are merged and messages sent without
// it. All constructor arguments must outlive the fleet, which must outlive the streams.
class Fleet : public HostStreamListener {
 public:
  // At most `max_trials` hosts are on trial at the same time; 0: as many as the controller keeps up
  // with.
  Fleet(std::shared_ptr<PublishedRevision> first, Registry& registry, RefusedAttempts& refusals,
        DriftLog& drifts, HostEventLog& events, RolloutBoard& rollouts, LogIntake& log,
        LostHistory& lost_history, RefusedHosts& refused_hosts, size_t max_trials);

  // Why hosts get no revisions at present; empty if they do. See LostHistory.
  std::string StoppedReason() const { return lost_history_.Reason(); }

  // Makes `next` the newest revision. A thread of the fleet then sends it to the hosts that are to
  // have it (to all if there are no stages). Called by one thread at a time, with ascending
  // numbers.
  void Publish(std::shared_ptr<PublishedRevision> next,
               std::shared_ptr<const Stages> stages = nullptr) ABSL_LOCKS_EXCLUDED(mutex_);

  // Lets the rollout of `revision` reach further hosts or, without stages, all hosts. Ignored if
  // there is a newer revision.
  void SetStages(uint64_t revision, std::shared_ptr<const Stages> stages)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::shared_ptr<PublishedRevision> current() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns the revision that this host is to have; see Stages.
  std::shared_ptr<PublishedRevision> RevisionFor(absl::string_view host) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  size_t CountConnected() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return connected_.size();
  }
  const FleetStats& stats() const { return stats_; }
  TrialLine::Stats trials() const { return trials_.stats(); }
  HostStream::Lines lines() { return {trials_, numbers_}; }

  // Must be called once a second.
  void Tick() { numbers_.Tick(); }

  // Returns the host's stream, or null if the host is not connected.
  std::shared_ptr<HostStream> Find(absl::string_view host) const ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<std::string> ConnectedHosts() const ABSL_LOCKS_EXCLUDED(mutex_);
  // What the agents of the connected hosts understand; see proto/endpoint/capability.h.
  std::map<std::string, uint32_t> Capabilities() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Must be called when the host's labels have changed: sends the host its new assignment if it is
  // connected.
  void LabelsChanged(const std::string& host) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the host's stream, if there is one.
  void Disconnect(absl::string_view host, const absl::Status& reason) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends all streams; later streams are ended when they begin.
  void Close(const absl::Status& reason) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnHello(const std::shared_ptr<HostStream>& stream, const v1::Hello& hello) override;
  void OnReceipt(const HostStream& stream, const v1::Receipt& receipt) override;
  void OnRefusal(const HostStream& stream, const v1::Refusal& refusal) override;
  void OnInForce(const HostStream& stream, uint64_t revision) override {
    rollouts_.OnReceipt(stream.host().name, revision);
  }
  void OnPushed() override { stats_.Pushed(); }
  void OnProven(absl::Duration after) override { stats_.Proven(after); }
  void OnFacts(const HostStream& stream, const v1::Facts& facts) override;
  void OnLog(const std::shared_ptr<HostStream>& stream, v1::LogBatch batch) override;
  void OnEvent(const HostStream& stream, const v1::HostEvent& event) override;
  void OnEnd(const std::shared_ptr<HostStream>& stream) override;
  absl::Time CertificateEnds(const HostStream& stream) override;
  void OnBadMessage(const HostStream& stream, const absl::Status& reason) override;

 private:
  struct Connected {
    std::shared_ptr<HostStream> stream;
    std::shared_ptr<const Assignment> wanted;  // null until the first assignment is made
    uint64_t instance = 0;                     // see Instances
    uint32_t capability = 0;                   // see proto/endpoint/capability.h
  };

  // Whether the host is to have the newest revision already.
  bool IsReached(absl::string_view host) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stages_ == nullptr || stages_->Reaches(host);
  }
  // Returns the connected hosts that have been offered an assignment.
  absl::flat_hash_set<std::string> SuppliedHosts() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Offers all connected hosts their assignments, until a newer revision is published.
  void Offer(uint64_t revision) ABSL_LOCKS_EXCLUDED(mutex_);
  // Makes the host's assignment at the newest revision and offers it.
  void Supply(const std::string& host, const std::shared_ptr<HostStream>& stream)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Handles two machines that use the host's identity: records that, and ends `stream`, which did
  // not come first. `first` is the address of the machine that came first.
  void RefuseCopy(HostStream& stream, const std::string& first);
  // Offers the host its assignment, or refuses it in the host's name if the agent would not
  // understand it.
  void OfferTo(const std::string& host, const Connected& connected,
               const std::shared_ptr<const Assignment>& assignment);
  // Writes a line about a host to the log, within the bounds of HostLines.
  void Tell(const std::string& host, absl::string_view text, bool warn);
  void StoreReceipt(const HostStream& stream, const v1::Receipt& receipt);
  void StoreFacts(const HostStream& stream, const v1::Facts& facts);
  void StoreRefusal(const std::string& host, const v1::Refusal& refusal);

  Registry& registry_;
  RefusedAttempts& refusals_;
  DriftLog& drifts_;
  HostEventLog& events_;
  RolloutBoard& rollouts_;
  FleetStats stats_;
  HostLines lines_of_hosts_;
  LogIntake& log_;
  LostHistory& lost_history_;
  RefusedHosts& refused_hosts_;
  TrialLine trials_;
  NumberLine numbers_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<PublishedRevision> current_ ABSL_GUARDED_BY(mutex_);
  // Null if all hosts are to have current_.
  std::shared_ptr<const Stages> stages_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Connected> connected_ ABSL_GUARDED_BY(mutex_);
  Instances instances_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> closed_ ABSL_GUARDED_BY(mutex_);
  Worker offering_;  // destroyed first, because its jobs use all the others
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_FLEET_H_
