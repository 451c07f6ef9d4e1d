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

// The agent's one long-lived stream to the controller, from the attempt to open it until it ends.
// There is no second life: to reconnect, make another.
//
// Threading: everything, the callbacks included, on the event loop's thread; gRPC's own threads
// hand over to it. After the destructor no callback comes.
class Stream {
 public:
  struct Callbacks {
    // Once, before any message: the controller has taken the stream, at this address.
    std::function<void(const std::string& peer)> taken;
    std::function<void(v1::ControllerMessage)> message;
    // Once, and nothing after it.
    std::function<void(absl::Status)> ended;
  };

  // Connects and sends `hello`. The loop must outlive the stream.
  Stream(const std::string& address, const Identity& identity, v1::Hello hello, EventLoop& loop,
         Callbacks callbacks);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Queues a message. What is queued when the stream ends is lost, and told again by the next
  // stream's hello. Facts that still wait are replaced by newer ones.
  //
  // `written` is called once the message has left the queue, and never if the stream ends before.
  // Whoever sends much waits for it: keeps at most one message of its own, or a fixed number of
  // them, in the queue (answers have a window of their own, see agent/answer/reply.h). A queue of
  // more than kMaxQueuedBytes means that the controller does not read: that ends the stream.
  void Send(v1::AgentMessage message, std::function<void()> written = nullptr);
  static constexpr size_t kMaxQueuedBytes = 8 << 20;

 private:
  class Reactor;
  std::shared_ptr<Reactor> reactor_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_STREAM_H_
