// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_REFUSAL_H_
#define FIREBREAK_AGENT_UPLINK_REFUSAL_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Asks whether the controller refuses this host. Unauthenticated: it does, and the message tells
// why. OK: it lets the host in. Another error: the question could not be answered.
//
// The controller refuses a host by an alert in the TLS handshake, which gRPC's client does not pass
// on. So this function makes a handshake without gRPC. It blocks for at most `timeout`.
absl::Status AskWhetherRefused(const std::string& address, const Identity& identity,
                               absl::Duration timeout);

// Calls AskWhetherRefused once, on a thread of its own.
//
// Threading: on the event loop's thread, and `done` runs there, too. The destructor waits for the
// thread; `done` is not called after it. `done` may destroy the object.
class RefusalQuestion {
 public:
  static constexpr absl::Duration kTimeout = absl::Seconds(5);

  RefusalQuestion(const std::string& address, const Identity& identity, EventLoop& loop,
                  std::function<void(absl::Status)> done);
  RefusalQuestion(const RefusalQuestion&) = delete;
  RefusalQuestion& operator=(const RefusalQuestion&) = delete;
  ~RefusalQuestion();

 private:
  // Empty once nobody waits for the answer; the loop's thread only.
  const std::shared_ptr<std::function<void(absl::Status)>> done_;
  std::thread thread_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_REFUSAL_H_
