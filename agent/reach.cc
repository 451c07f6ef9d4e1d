// SPDX-License-Identifier: Apache-2.0
#include "agent/reach.h"

#include <chrono>
#include <utility>

namespace firebreak::agent {

void Reacher::Reach(uint64_t revision, absl::Duration timeout,
                    std::function<void(lifecycle::Reached)> done) {
  StopReaching();
  using Contact = lifecycle::Reached::Contact;
  if (!identity_.has_value()) {
    unable_ = loop_.RunAfter(std::chrono::seconds(0), [this, done = std::move(done)] {
      unable_ = 0;
      done({Contact::kUnable, "this host has not enrolled"});
    });
    return;
  }
  call_ = StartReach(
      controller_.target(), *identity_, revision, timeout, loop_,
      [this, done = std::move(done)](const ReachAnswer& answer) {
        call_.reset();  // also closes the connection, which is no longer needed
        if (!answer.status.ok() && !answer.open) controller_.Failed();
        done({answer.status.ok() ? Contact::kAnswered
              : answer.open      ? Contact::kOpen
                                 : Contact::kSilent,
              std::string(answer.status.message()), absl::ToChronoNanoseconds(answer.retry_after)});
      });
}

void Reacher::StopReaching() {
  call_.reset();
  loop_.Cancel(std::exchange(unable_, 0));
}

}  // namespace firebreak::agent
