// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/kept_policy.h"

#include <utility>

#include "base/memory/release.h"

namespace firebreak::agent {

KeptPolicy::~KeptPolicy() { loop_.Cancel(timer_); }

const v1::EffectivePolicy& KeptPolicy::Get() const {
  // Parsing cannot fail, because Set has serialized these bytes.
  if (!parsed_.has_value()) parsed_.emplace().ParseFromString(bytes_);
  Touch();
  return *parsed_;
}

void KeptPolicy::Set(v1::EffectivePolicy policy) {
  bytes_ = policy.SerializeAsString();
  bytes_.shrink_to_fit();
  parsed_ = std::move(policy);
  Touch();
}

void KeptPolicy::Touch() const {
  used_ = EventLoop::Clock::now();
  if (timer_ != 0) return;
  timer_ = loop_.RunAfter(idle_, [this] { const_cast<KeptPolicy*>(this)->LetGoIfIdle(); });
}

void KeptPolicy::LetGoIfIdle() {
  timer_ = 0;
  const auto idle = EventLoop::Clock::now() - used_;
  if (idle < idle_) {
    timer_ = loop_.RunAfter(idle_ - idle, [this] { LetGoIfIdle(); });
    return;
  }
  parsed_.reset();
  ReleaseFreeMemory();
}

}  // namespace firebreak::agent
