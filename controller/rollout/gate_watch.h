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

// Measures what the gates of a rollout's strategy need (RolloutGates). Before a host is reached:
// how many of its live flows the new policy would not admit, the results of probes about it, and
// how many packets it drops. After a host has the new revision: probes and drops again, and packets
// in its log that were dropped although the former policy would have admitted them.
//
// After a restart the controller measures again. Write stores in the rollout's record what cannot
// be measured again.
//
// Not thread-safe. The constructor's arguments must outlive this object. No function blocks.
class GateWatch {
 public:
  GateWatch(Registry& registry, Fleet& fleet, const LogStore& log)
      : registry_(registry), fleet_(fleet), log_(log), drops_(fleet) {}

  // Begins for the rollout with this record, which replaces `before` by `after`.
  void Begin(const v1::StagedRollout& record, std::shared_ptr<PublishedRevision> before,
             std::shared_ptr<PublishedRevision> after);
  void End();
  // Stores what cannot be measured again after a restart.
  void Write(const policy::Rollout& rollout, v1::StagedRollout& record) const {
    drops_.Write(rollout, record);
  }
  // Repeats questions that were not answered.
  void Retry();

  // Whether the strategy has any gates.
  bool IsNeeded() const;

  // Must be called once in each step, before Look. `now` is monotonic time.
  void Tick(absl::Duration now, const policy::Rollout& rollout);
  // Returns the conditions for the hosts that are not reached yet.
  policy::RoadAhead Ahead(const policy::Rollout& rollout);
  // Fills in what the gates say about a host that has applied the revision.
  void Look(const std::string& host, policy::HostObservation& observation);

 private:
  struct Measured {
    // Measured before the host is reached.
    std::shared_ptr<FlowsCount> flows;
    std::unique_ptr<ProbeRound> before;
    // Measured afterwards.
    std::optional<absl::Duration> applied;
    std::unique_ptr<ProbeRound> after;
    absl::Duration next_round;
    int wrong_rounds = 0;  // in a row
    policy::HostGates probes = policy::HostGates::kNoData;
    std::string probes_detail = "its probes have not been tried yet";
    policy::MostInAMinute drops;  // by the host's clock
    std::string drop_example;
    std::map<std::string, std::string> drop_examples;  // by reason, of all drops
    // The last result of Look, and since when it has been the same.
    policy::HostGates said = policy::HostGates::kHold;
    absl::Duration said_since;
  };

  using Lack = DropsGate::Lack;

  // Returns none if everything that is needed before the host is reached has been measured.
  std::optional<Lack> Lacking(const std::string& host, Measured& measured);
  // Returns why the host must not get the revision; empty if it may.
  std::string Against(const Measured& measured) const;
  void AskForFlows(const std::string& host, Measured& measured);
  void ReadLog(const policy::Rollout& rollout);
  void TakeDrop(const std::string& host, const Record& record, const InternedStrings& texts);
  void FollowProbes(const std::string& host, Measured& measured);
  // Returns the result of the gates about drops. `detail` says why they do not hold.
  policy::HostGates LookAtDrops(const std::string& host, Measured& measured, std::string& detail);
  // Returns why the host's drops cannot be known; empty if they can.
  std::string NoDropData(const std::string& host);
  // Returns the policy that the revision has for the host, for judging packets.
  std::unique_ptr<policy::PolicyJudge> JudgeFor(PublishedRevision& revision,
                                                const StoredHost& host) const;
  policy::PolicyJudge& SharedJudge(PublishedRevision& revision, const StoredHost& host);
  // Describes the mapping or setting that decides about the packet of a probe about `host`.
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
  // By revision and by the key of the host's policies (Selector::KeyOf).
  std::map<std::pair<uint64_t, std::string>, std::unique_ptr<policy::PolicyJudge>> judges_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_GATE_WATCH_H_
