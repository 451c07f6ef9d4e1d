// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_SESSION_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_SESSION_H_

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "controller/front/http2/call.h"
#include "controller/front/http2/call_pool.h"
#include "controller/front/loop.h"

namespace firebreak::controller {

struct Http2Stream;

// The server's side of one HTTP/2 connection whose streams are calls of gRPC (RFC 9113,
// grpc/doc/PROTOCOL-HTTP2.md). It does no I/O: its owner brings the client's bytes and takes away
// what is to be sent. Requests that are not gRPC's, or of no method, are answered here; others
// become Calls.
//
// For each call it holds at most kWindow bytes that the handler has not asked for, the message that
// the handler has asked for as far as it is there, and one message that is being sent. What a
// client may cost otherwise (frames, calls a second) is bounded by FrameBudget, through which its
// bytes must have come.
//
// Threading: the loop's thread.
class Http2Session {
 public:
  static constexpr uint32_t kMaxCalls = 8;  // at a time
  // What a client may send of a call ahead of the handler. The largest report of a host fits, so
  // that logs come as fast from afar.
  static constexpr uint32_t kWindow = 256 << 10;
  // The same of all calls together. It holds nobody up, because what comes is taken off it at once.
  static constexpr int32_t kConnectionWindow = 1 << 20;
  // The names and values of a call's headers; beyond the first the call is refused, beyond the
  // second the connection ends.
  static constexpr size_t kMaxHeaderBytes = 8 << 10;
  static constexpr size_t kMostHeaderBytes = 256 << 10;

  // What a connection is made with. The loop, the pool and the methods must outlive it. `reach`
  // runs jobs with this session, on its loop, and has its owner send what they make it say.
  struct Setting {
    Loop& loop;
    CallPool& pool;
    const Methods& methods;
    std::shared_ptr<const Caller> caller;
    std::shared_ptr<const Call::Reach> reach;
  };

  explicit Http2Session(Setting setting);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  // Ends all calls.
  ~Http2Session();

  // Takes the next bytes from the client. An error tells what is wrong with them, and the session
  // is of no more use.
  absl::Status Receive(absl::string_view bytes);

  // Appends to `into` what is to be sent next, until it has at least `size` bytes; a frame is
  // appended whole. If `into` is left shorter, there is nothing more at present. Errors are as
  // those of Receive.
  absl::Status Produce(std::string& into, size_t size);

  // Whether both sides have said all that they will say.
  bool over() const;
  // What the client did that ends the connection; empty: nothing.
  const std::string& failure() const { return failure_; }

  void Ping();
  // From now on no call begins; those that have begun go on.
  void SayGoodbye();
  size_t calls() const { return streams_.size(); }

  // For Call; a stream that is closed is ignored.
  void Read(int32_t stream, size_t max_bytes);
  void SendHeaders(int32_t stream);
  void Send(int32_t stream, WireMessage message);
  void Finish(int32_t stream, const absl::Status& status);
  void Cancel(int32_t stream);
  void RunAfter(int32_t stream, std::chrono::nanoseconds time, std::function<void()> job);

 private:
  using Stream = Http2Stream;
  // nghttp2's callbacks; `self` is the session.
  struct Callbacks;

  Stream* Find(int32_t stream) const;
  void OnRequest(Stream& stream);
  void OnBytes(Stream& stream, absl::string_view bytes);
  void OnClientDone(Stream& stream);
  void OnClosed(int32_t stream);
  // Answers the handler's Read, if it can be answered.
  void Deliver(Stream& stream);
  // Lets the client send as many bytes more.
  void Consume(Stream& stream, size_t bytes);
  void FinishStream(Stream& stream, const absl::Status& status);
  void RefuseHttp(Stream& stream, const char* status);
  void SubmitHeaders(Stream& stream);
  void Resume(Stream& stream);
  // The handler hears of nothing more than the end.
  void Detach(Stream& stream);

  const Setting setting_;
  std::map<int32_t, std::unique_ptr<Stream>> streams_;
  std::string failure_;
  std::string* producing_ = nullptr;  // in Produce: where payloads of DATA go
  size_t enough_ = 0;                 // in Produce: its size
  bool paused_ = false;               // in Produce: there is more than enough
  nghttp2_session* session_ = nullptr;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_SESSION_H_
