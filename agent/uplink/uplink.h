// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_UPLINK_H_
#define FIREBREAK_AGENT_UPLINK_UPLINK_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/uplink/controller_address.h"
#include "agent/uplink/refusal.h"
#include "agent/uplink/stream.h"
#include "base/backoff/backoff.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Keeps a stream to the controller, for as long as it lives: when one ends the next is tried after
// a pause (Backoff), so that a fleet does not come back all at once.
//
// Threading: on the event loop's thread.
class Uplink {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // Both are asked anew for each connection.
    virtual v1::Hello Greet() = 0;
    virtual const Identity& identity() const = 0;
    // The controller has accepted the stream.
    virtual void Connected() = 0;
    virtual void Received(v1::ControllerMessage message) = 0;
    // The stream has ended. Messages that were sent on it may be lost, and nobody waits any more
    // for the answers to questions that came on it.
    virtual void Disconnected(const absl::Status& why) = 0;
  };

  // All arguments must outlive the session.
  Uplink(ControllerAddress& address, EventLoop& loop, Listener& listener);
  ~Uplink();
  Uplink(const Uplink&) = delete;
  Uplink& operator=(const Uplink&) = delete;

  // Dropped while there is no stream: the next hello tells the same. For `written` and how much to
  // send see Stream::Send.
  void Send(v1::AgentMessage message, std::function<void()> written = nullptr);

  // Whether the controller has taken the present stream.
  bool connected() const { return stream_ != nullptr && taken_; }

  // Ends the stream, if there is one, and begins another soon.
  void Restart();

 private:
  void Connect();
  void Taken(const std::string& peer);
  void Ended(const absl::Status& status);
  // Completes Ended. A status of Unauthenticated means that the controller refuses this host.
  void Lost(const absl::Status& status);

  ControllerAddress& address_;
  EventLoop& loop_;
  Listener& listener_;
  std::unique_ptr<Stream> stream_;
  bool taken_ = false;  // by the controller: the present stream
  std::string target_;  // what the present stream connects to
  // The answer to the last question whether the controller refuses this host, the time of that
  // question, and the question that is under way.
  absl::Status refusal_;
  absl::Duration refusal_asked_ = -absl::InfiniteDuration();  // by the steady clock
  std::unique_ptr<RefusalQuestion> asking_;
  Backoff backoff_;
  EventLoop::Timer retry_ = 0;
  absl::BitGen random_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_UPLINK_H_
