#ifndef FIREBREAK_AGENT_CONFLICTS_CONFLICT_WATCH_H_
#define FIREBREAK_AGENT_CONFLICTS_CONFLICT_WATCH_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/kernel/netlink/socket.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Knows which other firewalls are on the host. nf_tables tells when something may have changed
// (OthersChanged); the older iptables tells nobody, so its list is read once a minute.
//
// Threading: on the event loop's thread. `loop` must outlive the watch.
class ConflictWatch {
 public:
  // `changed`: conflicts() has. Looks for the first time at once, without calling it.
  ConflictWatch(EventLoop& loop, NetlinkSocket socket, std::function<void()> changed);
  ~ConflictWatch();
  ConflictWatch(const ConflictWatch&) = delete;
  ConflictWatch& operator=(const ConflictWatch&) = delete;

  const std::vector<v1::Conflict>& conflicts() const { return conflicts_; }

  // Looks again soon, once for many calls.
  void OthersChanged();

 private:
  bool Look();  // whether anything is different now
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
