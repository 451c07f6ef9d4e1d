// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_RENEWER_H_
#define FIREBREAK_AGENT_UPLINK_RENEWER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/uplink/calls.h"
#include "agent/uplink/renewal_schedule.h"

namespace firebreak::agent {

// Keeps a host's certificate valid as long as the host lives: asks for the next certificate in
// time, and passes it to `renewed`.
//
// Threading: on the event loop's thread, `renewed` included. The loop must outlive the renewer.
class Renewer {
 public:
  // Stores the identity. An error means that it was not stored, and the renewer asks for another.
  using Renewed = std::function<absl::Status(const Identity&)>;

  Renewer(std::string controller, Identity identity, EventLoop& loop, Renewed renewed);
  ~Renewer();
  Renewer(const Renewer&) = delete;
  Renewer& operator=(const Renewer&) = delete;

 private:
  static constexpr absl::Duration kTimeout = absl::Seconds(30);

  void LookAfter(absl::Duration pause);
  void Look();
  void Answered(const absl::StatusOr<Identity>& renewed);

  const std::string controller_;
  Identity identity_;
  EventLoop& loop_;
  const Renewed renewed_;
  absl::BitGen random_;
  RenewalSchedule schedule_;
  EventLoop::Timer timer_ = 0;
  std::unique_ptr<Renewal> renewal_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_RENEWER_H_
