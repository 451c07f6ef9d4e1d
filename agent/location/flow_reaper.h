// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_FLOW_REAPER_H_
#define FIREBREAK_AGENT_LOCATION_FLOW_REAPER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/loop/event_loop.h"
#include "base/backoff/backoff.h"

namespace firebreak::agent {

// Ends the flows of interfaces that have moved to another location, if the rules there would not
// let the flows begin. To decide this, it traces each flow's first packet through the kernel's
// current rules. To end a flow, it deletes the entry from connection tracking; further packets of
// the flow then belong to no known flow.
//
// Connection tracking does not record interfaces. A flow belongs to an interface if one of its ends
// is an address that the interface has or had. A forwarded flow, which has no end at this host,
// belongs to an interface if the route to one of its ends leads through the interface.
//
// NOTE: The work is done on a thread of its own, because a large table of flows takes long. New
// flows are already judged by the rules of the new location by then. A failed attempt is repeated
// until it succeeds, with growing pauses (Backoff).
//
// Threading: on the loop's thread. `loop` must outlive this object.
class FlowReaper {
 public:
  struct Move {
    uint32_t interface_index = 0;
    std::vector<std::string> addresses;  // "192.0.2.1/24"; the addresses before the move

    friend bool operator==(const Move&, const Move&) = default;
  };
  // Ends the flows of the given moves and returns how many it ended. Called on the reaper's thread.
  using Reap = std::function<absl::StatusOr<size_t>(const std::vector<Move>&)>;

  static constexpr std::chrono::milliseconds kFirstPause{1000};
  static constexpr std::chrono::milliseconds kLongestPause{30'000};
  // If more moves than this wait to be retried, the oldest is dropped.
  static constexpr size_t kMaxWaiting = 1000;

  explicit FlowReaper(EventLoop& loop, Reap reap = EndFlows)
      : loop_(loop), reap_(std::move(reap)) {}
  // Waits for the reaper's thread.
  ~FlowReaper();
  FlowReaper(const FlowReaper&) = delete;
  FlowReaper& operator=(const FlowReaper&) = delete;

  void Moved(Move move);

 private:
  static absl::StatusOr<size_t> EndFlows(const std::vector<Move>& moves);
  void Wait(Move move);
  void Begin();
  void Ended(bool done, std::vector<Move> moves);

  EventLoop& loop_;
  const Reap reap_;
  std::vector<Move> waiting_;  // oldest first, without duplicates
  std::thread thread_;         // joinable while it is running
  EventLoop::Timer retry_ = 0;
  Backoff backoff_{absl::FromChrono(kFirstPause), absl::FromChrono(kLongestPause)};
  absl::BitGen random_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_FLOW_REAPER_H_
