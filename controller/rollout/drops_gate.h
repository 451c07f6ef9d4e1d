// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_DROPS_GATE_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_DROPS_GATE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/host_question.h"
#include "firebreak/v1/rollout.pb.h"
#include "policy/rollout/drops_rise.h"
#include "policy/rollout/rollout.h"

namespace firebreak::controller {

// Compares what each host of a rollout drops, by reason, before and after it has the revision
// (RolloutGates.drops_rise). The hosts' kernels count, and the hosts are asked for the counts: once
// when the rollout begins, once before they are reached, and then every few seconds.
//
// Rates before the change go into the rollout's record, so that a controller that is started anew
// goes on with them.
//
// Not thread-safe; the fleet must outlive it. It never waits.
class DropsGate {
 public:
  explicit DropsGate(const Fleet& fleet) : fleet_(fleet) {}

  // For the rollout with this record.
  void Begin(const v1::StagedRollout& record);
  void End();
  bool IsNeeded() const { return !gates_.drops_rise().empty(); }

  // To be called once a step, before the functions below; `now` is by a clock that nobody sets.
  void Tick(absl::Duration now, const policy::Rollout& rollout);

  // Why a host cannot be reached yet.
  struct Lack {
    std::string why;
    bool counting = false;  // nothing is amiss: its drops are being counted
  };
  // None: what the host drops before the change is known.
  std::optional<Lack> Before(const std::string& host);

  // Judges a host that has applied the revision. If the gate does not hold, `detail` says why; if
  // it fails, `risen` is the reason for which more was dropped.
  policy::HostGates Look(const std::string& host, std::string& detail, std::string& risen);

  // Hosts are asked again that said nothing.
  void Retry();

  // Stores the rates of the hosts that the present wave has reached.
  void Write(const policy::Rollout& rollout, v1::StagedRollout& record) const;

 private:
  // A host's counts, asked for once.
  struct Counts {
    std::shared_ptr<HostQuestion> question;
    absl::Mutex mutex;
    policy::DropCounts counts ABSL_GUARDED_BY(mutex);
  };
  struct Host {
    std::shared_ptr<Counts> asked;  // null: nothing is on its way
    std::string error;              // of the question before
    // The first count.
    std::optional<policy::DropCounts> first;
    absl::Duration first_at;
    std::optional<policy::DropRates> before;  // the change
    policy::LastMinuteOfDrops now;
    bool applied = false;
    absl::Duration asked_at = -absl::InfiniteDuration();
  };

  void Ask(const std::string& name, Host& host);
  // Returns the counts once they are here; an error is left in host.error.
  std::optional<policy::DropCounts> Take(Host& host);
  void TakeBefore(Host& host);

  const Fleet& fleet_;
  v1::RolloutGates gates_;
  absl::Duration least_;  // between the counts before the change
  absl::Duration now_;
  absl::Duration every_;  // between the counts after it
  std::map<std::string, Host> hosts_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_DROPS_GATE_H_
