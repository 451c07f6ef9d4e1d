// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_CALL_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_CALL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/front/http2/call_pool.h"
#include "controller/front/http2/grpc_wire.h"
#include "controller/identity/caller.h"

namespace firebreak::controller {

class Call;
class Http2Session;

// What serves one call. Its functions are called one at a time, on threads of the CallPool, and may
// wait for locks and disks.
class CallHandler {
 public:
  virtual ~CallHandler() = default;

  // One of these follows each Call::Read, unless OnDone comes first: the next message; or the
  // client sends no more messages; or what it sent is no message, or too long, in which case the
  // handler finishes the call.
  virtual void OnMessage(std::string message) = 0;
  virtual void OnEndOfMessages() = 0;
  virtual void OnUnreadable(const absl::Status& reason) = 0;
  // The message of the last Call::Send has left for the client, which has room for it.
  virtual void OnSent() {}
  // The call is over, for whatever reason. Called once, as the last of these.
  virtual void OnDone() {}
};

// Makes the handler of a call that begins, on a thread of the CallPool. Null: it has finished the
// call.
using Method = std::function<std::shared_ptr<CallHandler>(const std::shared_ptr<Call>& call)>;

// By path, such as "/firebreak.v1.Fleet/Connect".
using Methods = absl::flat_hash_map<std::string, Method>;

// One call of gRPC from a member of the fleet. Nothing is read unless the handler asks for it, so a
// client gets no further than HTTP/2's window ahead of the handler.
//
// The call owns its handler until OnDone; handlers keep the call.
//
// Threading: any thread, with any lock held that is not held while one of these functions is called
// by the handler's callbacks. The functions take effect on the connection's loop, in the order in
// which they are called, and do nothing once the call is over.
class Call final : public CallPool::Task, public std::enable_shared_from_this<Call> {
 public:
  // Runs a job on the connection's loop, if the connection still exists. Any thread.
  using Reach = std::function<void(std::function<void(Http2Session&)> job)>;

  Call(CallPool& pool, std::shared_ptr<const Caller> caller, std::shared_ptr<const Reach> reach,
       int32_t stream)
      : pool_(pool), caller_(std::move(caller)), reach_(std::move(reach)), stream_(stream) {}

  const Caller& caller() const { return *caller_; }

  // Asks for the next message, of at most `max_bytes`. Not again before the answer.
  void Read(size_t max_bytes);

  // Tells the client that the call is served; otherwise the first message does.
  void SendHeaders();

  // Not again before OnSent.
  void Send(WireMessage message);

  // Ends the call when the message that is being sent, if any, has left. The client gets a status
  // of the same code and message.
  void Finish(absl::Status status);

  // Ends the call at once; the client may not get to know why.
  void Cancel();

  // Runs `job` like one of the handler's functions, unless the call is over by then.
  void RunAfter(std::chrono::nanoseconds time, std::function<void()> job);

  // For the session. Tell has the handler told of something later.
  void Begin(Method method);
  void Tell(std::function<void(CallHandler&)> event);
  // Tells the handler that the call is over.
  void TellDone();

 private:
  // For the pool. Runs what has been told until now.
  void Run() override ABSL_LOCKS_EXCLUDED(mutex_);

  void Add(std::function<void()> event) ABSL_LOCKS_EXCLUDED(mutex_);

  CallPool& pool_;
  const std::shared_ptr<const Caller> caller_;
  const std::shared_ptr<const Reach> reach_;
  const int32_t stream_;
  std::shared_ptr<CallHandler> handler_;  // used by Run only

  absl::Mutex mutex_;
  std::vector<std::function<void()>> events_ ABSL_GUARDED_BY(mutex_);
  // Whether the pool has it, or runs it.
  bool scheduled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_CALL_H_
