// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_LOCATION_TESTER_H_
#define FIREBREAK_AGENT_LOCATION_LOCATION_TESTER_H_

#include <memory>
#include <vector>

#include "agent/answer/reply.h"
#include "agent/location/locator.h"
#include "agent/location/probe.h"
#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Answers a question about locations: asks each beacon for proof and reports every step. It changes
// no interface's location. The object lives until it has answered or nobody waits for the answer
// any more.
//
// Threading: on the loop's thread. `loop` must outlive this object.
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
  std::vector<std::unique_ptr<Probe>> probes_;  // null once the probe has ended
  size_t under_way_ = 0;
  v1::LocationTestAnswer answer_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_LOCATION_TESTER_H_
