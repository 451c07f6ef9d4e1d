#ifndef FIREBREAK_AGENT_LOCATION_LOCATION_TESTER_H_
#define FIREBREAK_AGENT_LOCATION_LOCATION_TESTER_H_

#include <memory>
#include <vector>

#include "agent/answer/reply.h"
#include "agent/location/locator.h"
#include "agent/location/probe.h"
#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Looks for proof of locations for somebody who asks, beacon by beacon, and tells of each step.
// Nothing is promoted or demoted by it. Lives until it has answered, or nobody waits any more.
//
// Threading: on the loop's thread. `loop` must outlive it.
class LocationTester : public std::enable_shared_from_this<LocationTester> {
 public:
  static constexpr size_t kMaxProbes = 64;

  static void Start(EventLoop& loop, const std::vector<Locator::Surroundings>& surroundings,
                    std::shared_ptr<Reply> reply);

 private:
  explicit LocationTester(std::shared_ptr<Reply> reply) : reply_(std::move(reply)) {}

  void Ask(EventLoop& loop, const Locator::Surroundings& place, const v1::Location& location);
  void Ended(size_t probe, ProbeResult result);
  void FinishIfDone();

  std::shared_ptr<Reply> reply_;
  std::vector<std::unique_ptr<Probe>> probes_;  // null once it has ended
  size_t under_way_ = 0;
  v1::LocationTestAnswer answer_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_LOCATION_TESTER_H_
