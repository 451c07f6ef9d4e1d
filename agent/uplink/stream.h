// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_STREAM_H_
#define FIREBREAK_AGENT_UPLINK_STREAM_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// The agent's one long-lived stream to the controller, from the attempt to open it until its end. A
// stream cannot be opened again: to reconnect, make another object.
//
// Threading: everything, the callbacks included, runs on the event loop's thread; gRPC's own
// threads post to that thread. No callback runs after the destructor.
class Stream {
 public:
  struct Callbacks {
    // Called once, before any message, when the controller at this address has accepted the stream.
    std::function<void(const std::string& peer)> taken;
    std::function<void(v1::ControllerMessage)> message;
    // Called once; no other callback follows.
    std::function<void(absl::Status)> ended;
  };

  // Connects and sends `hello`. The loop must outlive the stream.
  Stream(const std::string& address, const Identity& identity, v1::Hello hello, EventLoop& loop,
         Callbacks callbacks);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Queues a message. Messages that are still queued when the stream ends are lost, and the next
  // stream's hello tells the controller again. Newer facts replace queued ones.
  //
  // `written` is called once the message has left the queue, and never if the stream ends before
  // that. A caller that sends much must wait for `written`, and keep at most one message, or a
  // fixed number, in the queue (answers have a window of their own, see agent/answer/reply.h). A
  // queue of more than kMaxQueuedBytes means that the controller does not read, and ends the
  // stream.
  void Send(v1::AgentMessage message, std::function<void()> written = nullptr);
  static constexpr size_t kMaxQueuedBytes = 8 << 20;

 private:
  class Reactor;
  std::shared_ptr<Reactor> reactor_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_STREAM_H_
