// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOOP_POSTER_H_
#define FIREBREAK_AGENT_LOOP_POSTER_H_

#include <memory>
#include <utility>

#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Posts callbacks to a loop for the object that owns the poster: callbacks that have not run when
// the object is destroyed never run.
//
// Threading: on the loop's thread.
class Poster {
 public:
  explicit Poster(EventLoop& loop) : loop_(loop) {}
  Poster(const Poster&) = delete;
  Poster& operator=(const Poster&) = delete;

  void Post(EventLoop::Callback callback) {
    loop_.Post([alive = std::weak_ptr<bool>(alive_), callback = std::move(callback)] {
      if (!alive.expired()) callback();
    });
  }

 private:
  EventLoop& loop_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOOP_POSTER_H_
