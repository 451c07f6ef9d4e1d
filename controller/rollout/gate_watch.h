// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_GATE_WATCH_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_GATE_WATCH_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/published_revision.h"
#include "controller/hosts/host_places.h"
#include "controller/hosts/registry.h"
#include "controller/log/log_store.h"
#include "controller/rollout/drops_gate.h"
#include "controller/rollout/flows_count.h"
#include "controller/rollout/probe_round.h"
#include "firebreak/v1/rollout.pb.h"
#include "policy/evidence/policy_judge.h"
#include "policy/rollout/drops_rise.h"
#include "policy/rollout/rollout.h"

namespace firebreak::controller {

// Measures what the gates of a rollout's strategy ask for (RolloutGates): of a host that is about
// to be reached how many of its live flows the new policy would not admit, what the probes about it
// find, and how many packets it drops; of a host that has the new revision the probes and the drops
// again, and what it tells its log of dropped packets that the policy before would have admitted.
//
// A controller that is started anew measures anew, but for what cannot be measured any more: Write
// keeps that in the rollout's record.
//
// Not thread-safe; what it refers to must outlive it. It never waits.
class GateWatch {
 public:
  GateWatch(Registry& registry, Fleet& fleet, const LogStore& log)
      : registry_(registry), fleet_(fleet), log_(log), drops_(fleet) {}

  // For the rollout with this record, of `after` in place of `before`.
  void Begin(const v1::StagedRollout& record, std::shared_ptr<PublishedRevision> before,
             std::shared_ptr<PublishedRevision> after);
  void End();
  // Stores what a controller that is started anew must know.
  void Write(const policy::Rollout& rollout, v1::StagedRollout& record) const {
    drops_.Write(rollout, record);
  }
  // What has been asked in vain is asked again.
  void Retry();

  // Whether the strategy has any gates.
  bool IsNeeded() const;

  // To be called before Look, once a step; `now` is by a clock that nobody sets.
  void Tick(absl::Duration now, const policy::Rollout& rollout);
  // What stands in front of the hosts that are not reached yet.
  policy::RoadAhead Ahead(const policy::Rollout& rollout);
  // What is known of a host that has applied the revision.
  void Look(const std::string& host, policy::HostObservation& observation);

 private:
  struct Measured {
    // Before it is reached.
    std::shared_ptr<FlowsCount> flows;
    std::unique_ptr<ProbeRound> before;
    // After.
    std::optional<absl::Duration> applied;
    std::unique_ptr<ProbeRound> after;
    absl::Duration next_round;
    int wrong_rounds = 0;  // in a row
    policy::HostGates probes = policy::HostGates::kNoData;
    std::string probes_detail = "its probes have not been tried yet";
    policy::MostInAMinute drops;  // by the host's clock
    std::string drop_example;
    std::map<std::string, std::string> drop_examples;  // by reason, of any drops
    // What Look has said last, and since when.
    policy::HostGates said = policy::HostGates::kHold;
    absl::Duration said_since;
  };

  using Lack = DropsGate::Lack;

  // None: all is known that is to be known before the host is reached.
  std::optional<Lack> Lacking(const std::string& host, Measured& measured);
  // Why the host must not get the revision; empty: nothing is against it.
  std::string Against(const Measured& measured) const;
  void AskForFlows(const std::string& host, Measured& measured);
  void ReadLog(const policy::Rollout& rollout);
  void TakeDrop(const std::string& host, const Record& record, const InternedStrings& texts);
  void FollowProbes(const std::string& host, Measured& measured);
  // What the gates about drops say; `detail` says why they do not hold.
  policy::HostGates LookAtDrops(const std::string& host, Measured& measured, std::string& detail);
  // Why nobody can know what the host drops; empty: it tells.
  std::string NoDropData(const std::string& host);
  // The policy that a revision has for the host, to be asked about packets.
  std::unique_ptr<policy::PolicyJudge> JudgeFor(PublishedRevision& revision,
                                                const StoredHost& host) const;
  policy::PolicyJudge& SharedJudge(PublishedRevision& revision, const StoredHost& host);
  // What decides about the packet that a probe about `host` sends.
  std::string CauseOf(const std::string& host, const ProbeRun& run);

  Registry& registry_;
  Fleet& fleet_;
  const LogStore& log_;
  DropsGate drops_;
  v1::RolloutGates gates_;
  std::shared_ptr<PublishedRevision> before_, after_;
  absl::Duration now_;
  std::map<std::string, Measured> hosts_;
  std::optional<absl::Duration> lacking_since_;
  std::string lacking_host_;
  std::optional<LogPosition> position_;
  // By revision and the policies that the host has; see Selector::KeyOf.
  std::map<std::pair<uint64_t, std::string>, std::unique_ptr<policy::PolicyJudge>> judges_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_GATE_WATCH_H_
