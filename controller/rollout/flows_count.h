// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_FLOWS_COUNT_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_FLOWS_COUNT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/host_question.h"
#include "controller/hosts/host_places.h"
#include "policy/evidence/policy_judge.h"

namespace firebreak::controller {

// Counts the live flows of a host that one policy admits and another does not. Asks the host for
// its flows once. Thread-safe.
class FlowsCount {
 public:
  static std::shared_ptr<FlowsCount> Ask(std::shared_ptr<HostStream> stream, HostPlaces places,
                                         std::unique_ptr<policy::PolicyJudge> before,
                                         std::unique_ptr<policy::PolicyJudge> after);
  // Withdraws the question because nobody waits for the result any more.
  void Stop() { question_->Stop(); }

  // Returns OK when all flows are counted, and none while the host's answer is on its way.
  std::optional<absl::Status> Result() { return question_->Result(); }
  uint64_t cut() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Describes one of these flows: "tcp/80 from 192.0.2.1: no mapping opens it".
  std::string example() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  FlowsCount(HostPlaces places, std::unique_ptr<policy::PolicyJudge> before,
             std::unique_ptr<policy::PolicyJudge> after)
      : places_(std::move(places)), before_(std::move(before)), after_(std::move(after)) {}

  void Take(const v1::Answer& answer) ABSL_LOCKS_EXCLUDED(mutex_);

  const HostPlaces places_;
  std::shared_ptr<HostQuestion> question_;
  mutable absl::Mutex mutex_;
  const std::unique_ptr<policy::PolicyJudge> before_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<policy::PolicyJudge> after_ ABSL_GUARDED_BY(mutex_);
  uint64_t cut_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string example_ ABSL_GUARDED_BY(mutex_);
};

// Returns a text such as "tcp/80 from 192.0.2.1".
std::string PacketText(const policy::Witness& packet);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_FLOWS_COUNT_H_
