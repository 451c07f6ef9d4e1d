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

// Whether the controller is there and the host is refused: Unauthenticated, with the reason in
// words. The controller refuses in the TLS handshake, by an alert, which gRPC keeps to itself; so
// this makes one handshake of its own. OK: the host is let in. Another error: it cannot be told.
//
// Blocks for at most `timeout`.
absl::Status AskWhetherRefused(const std::string& address, const Identity& identity,
                               absl::Duration timeout);

// Asks so on a thread of its own, once.
//
// Threading: on the event loop's thread; `done` runs there, unless the object is destroyed before,
// which waits for the thread. `done` may destroy it.
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
