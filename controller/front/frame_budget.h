// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_FRAME_BUDGET_H_
#define FIREBREAK_CONTROLLER_FRONT_FRAME_BUDGET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "controller/front/allowance.h"

namespace firebreak::controller {

// Bounds what one client may make an HTTP/2 server do (RFC 9113). It reads the headers of the
// frames, nine bytes each, before the server gets the frames. It bounds the calls that are open,
// the calls that begin in a second, the calls that the client gives up, the size of a block of
// headers and the number of its frames, and the frames that cost a client nothing: PING, SETTINGS,
// PRIORITY, DATA without data, and WINDOW_UPDATE beyond what the server has sent.
//
// A value without a clock or a thread.
class FrameBudget {
 public:
  using Clock = Allowance::Clock;

  struct Limits {
    Allowance::Rate calls;
    Allowance::Rate resets;
    Allowance::Rate idle_frames;
  };
  // An agent has one call that lasts, and makes another one now and then.
  static constexpr Limits kHost = {{200, 20}, {100, 10}, {2000, 200}};
  // Programs call as often as the controller answers.
  static constexpr Limits kAdministrator = {{5000, 5000}, {500, 50}, {2000, 200}};

  static constexpr size_t kMaxFrame = 16'384;
  static constexpr size_t kMaxHeaderBlock = 64 << 10;
  static constexpr int kMaxContinuations = 8;
  // Before a client knows how many calls the server takes at a time it may begin some more.
  static constexpr size_t kMaxOpenCalls = 256;

  // `limits` must outlive it.
  FrameBudget(const Limits& limits, Clock::time_point now);

  // The next bytes from the client. ResourceExhausted, InvalidArgument: it has gone too far, the
  // message tells how; the connection is to be ended, and none of these bytes to be passed on.
  absl::Status FromClient(absl::string_view bytes, Clock::time_point now);

  // The next bytes from the server, which is trusted.
  void FromServer(absl::string_view bytes);

  size_t open_calls() const { return open_.size(); }

 private:
  struct Header {
    size_t length;
    uint8_t type;
    uint8_t flags;
    uint32_t stream;
  };
  // Finds the headers in a stream of frames.
  struct Reader {
    size_t skip = 0;  // of the present frame's payload
    size_t have = 0;
    std::array<uint8_t, 9> header;

    template <typename OnHeader>
    absl::Status Read(absl::string_view bytes, const OnHeader& on_header);
  };

  absl::Status OnClientFrame(const Header& header, Clock::time_point now);
  absl::Status OnHeaders(const Header& header, Clock::time_point now);
  absl::Status OnContinuation(const Header& header);
  absl::Status SpendIdle(absl::string_view what, Clock::time_point now);
  void Close(uint32_t stream);

  const Limits* limits_;
  Allowance calls_;
  Allowance resets_;
  Allowance idle_frames_;
  size_t preface_;  // bytes of it that have come
  Reader client_;
  Reader server_;
  uint32_t newest_ = 0;  // stream
  uint32_t block_ = 0;   // the stream whose block of headers is not complete; 0: none
  size_t block_bytes_ = 0;
  int continuations_ = 0;
  uint32_t updates_ = 0;        // WINDOW_UPDATE frames that are paid for by what was sent
  std::vector<uint32_t> open_;  // streams, ascending
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_FRAME_BUDGET_H_
