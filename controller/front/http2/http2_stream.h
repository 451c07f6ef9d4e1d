// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_STREAM_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/front/http2/call.h"
#include "controller/front/http2/grpc_wire.h"
#include "controller/front/loop.h"

namespace firebreak::controller {

// One stream of an Http2Session. Values only: the session acts on them.
struct Http2Stream {
  // What matters of the request's headers.
  struct Request {
    std::string method;
    std::string path;
    std::string content_type;
    std::string timeout;
    size_t bytes = 0;  // of all headers
  };

  explicit Http2Stream(int32_t id) : id(id), request(std::make_unique<Request>()) {}

  const int32_t id;
  std::unique_ptr<Request> request;  // until it is complete
  std::shared_ptr<Call> call;        // null: there is none, or its handler knows that it is over

  // From the client.
  MessageReader reader;
  size_t unconsumed = 0;         // bytes that are taken off the client's window
  std::optional<size_t> wanted;  // the size of the largest message that the handler takes now
  bool client_done = false;

  // To the client.
  bool headers_sent = false;
  bool waits = false;  // nghttp2 has been told that there is nothing to send
  WireMessage outgoing;
  size_t sent = 0;                       // of `outgoing`
  std::optional<absl::Status> finished;  // what ends the call once `outgoing` is sent

  std::vector<Loop::Timer> timers;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_STREAM_H_
