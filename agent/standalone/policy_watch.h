// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STANDALONE_POLICY_WATCH_H_
#define FIREBREAK_AGENT_STANDALONE_POLICY_WATCH_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/loop/event_loop.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Tells when files of a host's policy may have changed: once for changes that come together, and a
// moment later, as an editor writes a file in several steps. The directories of the paths are
// watched too, since editors put another file in the place of the old one.
//
// Threading: on the loop's thread. The loop must outlive this object.
class PolicyWatch {
 public:
  PolicyWatch(const std::vector<std::string>& paths, EventLoop& loop,
              std::function<void()> changed);
  ~PolicyWatch();
  PolicyWatch(const PolicyWatch&) = delete;
  PolicyWatch& operator=(const PolicyWatch&) = delete;

 private:
  void OnReadable();

  const Descriptor notify_;
  EventLoop& loop_;
  const std::function<void()> changed_;
  EventLoop::Timer soon_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STANDALONE_POLICY_WATCH_H_
