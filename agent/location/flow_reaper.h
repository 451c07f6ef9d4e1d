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

#include "absl/status/statusor.h"
#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Ends the flows of interfaces that have come to another location, if the rules there would not
// let them begin: entries of connection tracking are taken out, and what still comes of such a flow
// is judged as one of none. Each flow's first packet is put to the rules as the kernel has them.
//
// Conntrack does not know interfaces. A flow is of an interface if it begins or ends at an address
// that the interface has or had; one that ends at neither of this host's addresses, but is
// forwarded, if a route for one of its ends leads through the interface.
//
// NOTE: A thread of its own does it, as a table of many flows takes long; the rules of the new
// location hold by then for everything that is new. What fails is tried again until it succeeds.
//
// Threading: on the loop's thread. `loop` must outlive it.
class FlowReaper {
 public:
  struct Move {
    uint32_t interface_index = 0;
    std::vector<std::string> addresses;  // "192.0.2.1/24", as they were before it

    friend bool operator==(const Move&, const Move&) = default;
  };
  // Ends the flows of these, on the reaper's thread; returns how many.
  using Reap = std::function<absl::StatusOr<size_t>(const std::vector<Move>&)>;

  static constexpr std::chrono::milliseconds kFirstDelay{1000};
  static constexpr std::chrono::milliseconds kMaxDelay{30'000};
  // When more than so many have failed, the oldest gives way.
  static constexpr size_t kMaxWaiting = 1000;

  explicit FlowReaper(EventLoop& loop, Reap reap = EndFlows)
      : loop_(loop), reap_(std::move(reap)) {}
  // Waits for the thread.
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
  std::vector<Move> waiting_;  // the oldest first, none twice
  std::thread thread_;         // joinable while it works
  EventLoop::Timer retry_ = 0;
  std::chrono::milliseconds delay_ = kFirstDelay;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_FLOW_REAPER_H_
