// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_KEPT_POLICY_H_
#define FIREBREAK_AGENT_REVISION_KEPT_POLICY_H_

#include <chrono>
#include <optional>
#include <string>

#include "agent/loop/event_loop.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::agent {

// The policy in force, kept serialized while nobody asks for it: a parsed policy of 10,000 mappings
// takes four megabytes, and its bytes take a tenth of that. The first Get parses the policy; the
// parsed policy is freed some seconds after the last Get.
//
// Threading: on the event loop's thread.
class KeptPolicy {
 public:
  // Begins with the empty policy. `loop` must outlive this object. The parsed policy is freed when
  // Get has not been called for `idle`.
  explicit KeptPolicy(EventLoop& loop, EventLoop::Clock::duration idle = std::chrono::seconds(2))
      : loop_(loop), idle_(idle) {}
  KeptPolicy(const KeptPolicy&) = delete;
  KeptPolicy& operator=(const KeptPolicy&) = delete;
  ~KeptPolicy();

  // Valid until the caller returns to the event loop, or until the next Set.
  const v1::EffectivePolicy& Get() const;
  void Set(v1::EffectivePolicy policy);
  bool parsed() const { return parsed_.has_value(); }

 private:
  void Touch() const;
  void LetGoIfIdle();

  EventLoop& loop_;
  const EventLoop::Clock::duration idle_;
  std::string bytes_;
  mutable std::optional<v1::EffectivePolicy> parsed_;
  mutable EventLoop::Clock::time_point used_;
  mutable EventLoop::Timer timer_ = 0;  // runs while the policy is kept parsed
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REVISION_KEPT_POLICY_H_
