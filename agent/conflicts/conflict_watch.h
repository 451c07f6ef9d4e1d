// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_CONFLICTS_CONFLICT_WATCH_H_
#define FIREBREAK_AGENT_CONFLICTS_CONFLICT_WATCH_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/kernel/netlink/socket.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Keeps track of other firewalls on the host. Events of nf_tables tell when something may have
// changed (OthersChanged); the legacy iptables sends no events, so its list of tables is read once
// a minute.
//
// Threading: on the event loop's thread. `loop` must outlive the watch.
class ConflictWatch {
 public:
  // Looks for conflicts at once; calls `changed` whenever conflicts() changes after that.
  ConflictWatch(EventLoop& loop, NetlinkSocket socket, std::function<void()> changed);
  ~ConflictWatch();
  ConflictWatch(const ConflictWatch&) = delete;
  ConflictWatch& operator=(const ConflictWatch&) = delete;

  const std::vector<v1::Conflict>& conflicts() const { return conflicts_; }

  // Schedules another look soon; many calls cause only one.
  void OthersChanged();

 private:
  bool Look();  // returns whether anything has changed
  void LookAtLegacy();

  EventLoop& loop_;
  NetlinkSocket socket_;
  const std::function<void()> changed_;
  std::vector<std::string> legacy_;
  std::vector<v1::Conflict> conflicts_;
  EventLoop::Timer look_ = 0;
  EventLoop::Timer legacy_look_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_CONFLICTS_CONFLICT_WATCH_H_
