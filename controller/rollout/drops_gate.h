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

// Compares how many packets each host of a rollout drops, by reason, before and after it has the
// revision (RolloutGates.drops_rise). The hosts' kernels count. The hosts are asked for their
// counts when the rollout begins, again before they are reached, and then every few seconds.
//
// Rates before the change are stored in the rollout's record, so that a controller can use them
// after a restart.
//
// Not thread-safe. `fleet` must outlive this object. No function blocks.
class DropsGate {
 public:
  explicit DropsGate(const Fleet& fleet) : fleet_(fleet) {}

  // Begins for the rollout with this record.
  void Begin(const v1::StagedRollout& record);
  void End();
  bool IsNeeded() const { return !gates_.drops_rise().empty(); }

  // Must be called once in each step, before the functions below. `now` is monotonic time.
  void Tick(absl::Duration now, const policy::Rollout& rollout);

  // Why a host cannot be reached yet.
  struct Lack {
    std::string why;
    bool counting = false;  // all is well; its drops are being counted
  };
  // Returns none if the host's drops before the change are known.
  std::optional<Lack> Before(const std::string& host);

  // Checks a host that has applied the revision. If the gate does not hold, `detail` says why; if
  // it fails, `risen` is the reason for which the host dropped more.
  policy::HostGates Look(const std::string& host, std::string& detail, std::string& risen);

  // Asks hosts that have not answered again.
  void Retry();

  // Stores the rates of the hosts that the present wave has reached.
  void Write(const policy::Rollout& rollout, v1::StagedRollout& record) const;

 private:
  // A host's answer to one question for its counts.
  struct Counts {
    std::shared_ptr<HostQuestion> question;
    absl::Mutex mutex;
    policy::DropCounts counts ABSL_GUARDED_BY(mutex);
  };
  struct Host {
    std::shared_ptr<Counts> asked;  // null: no question is open
    std::string error;              // the last question's error
    // The first count that the host has sent.
    std::optional<policy::DropCounts> first;
    absl::Duration first_at;
    std::optional<policy::DropRates> before;  // rates before the change
    policy::LastMinuteOfDrops now;
    bool applied = false;
    absl::Duration asked_at = -absl::InfiniteDuration();
  };

  void Ask(const std::string& name, Host& host);
  // Returns the counts once they have arrived. An error is put into host.error.
  std::optional<policy::DropCounts> Take(Host& host);
  void TakeBefore(Host& host);

  const Fleet& fleet_;
  v1::RolloutGates gates_;
  absl::Duration least_;  // the least time between the counts before the change
  absl::Duration now_;
  absl::Duration every_;  // the time between counts after the change
  std::map<std::string, Host> hosts_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_DROPS_GATE_H_
