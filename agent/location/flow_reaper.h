#ifndef FIREBREAK_AGENT_LOCATION_FLOW_REAPER_H_
#define FIREBREAK_AGENT_LOCATION_FLOW_REAPER_H_

#include <cstdint>
#include <map>
#include <string>
#include <thread>
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
// location hold by then for everything that is new.
//
// Threading: on the loop's thread. `loop` must outlive it.
class FlowReaper {
 public:
  explicit FlowReaper(EventLoop& loop) : loop_(loop) {}
  // Waits for the thread.
  ~FlowReaper();
  FlowReaper(const FlowReaper&) = delete;
  FlowReaper& operator=(const FlowReaper&) = delete;

  // `addresses` ("192.0.2.1/24") are those that the interface had before it moved.
  void Moved(uint32_t interface_index, const std::vector<std::string>& addresses);

 private:
  using Moves = std::map<uint32_t, std::vector<std::string>>;

  void Begin();
  static absl::StatusOr<size_t> Reap(const Moves& moves);

  EventLoop& loop_;
  Moves waiting_;
  std::thread thread_;  // joinable while it works
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_FLOW_REAPER_H_
