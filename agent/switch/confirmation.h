// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_CONFIRMATION_H_
#define FIREBREAK_AGENT_SWITCH_CONFIRMATION_H_

#include <chrono>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "agent/loop/event_loop.h"
#include "agent/switch/terminal.h"

namespace firebreak::agent {

// Asks a person at a terminal to agree to something by typing a number that is shown only there and
// is new each time. Earlier input does not count, and a prepared answer cannot be right, so whoever
// answers correctly has read the question. There is one try.
//
// Threading: on the loop's thread. `done` is called once, from the loop, unless this object is
// destroyed before. `done` may destroy this object.
class Confirmation {
 public:
  static constexpr std::chrono::seconds kPatience = std::chrono::seconds(60);

  // `question` consists of lines of printable ASCII. PermissionDenied: the answer was wrong.
  // DeadlineExceeded: no answer within kPatience. Unavailable: the terminal is gone.
  Confirmation(Terminal terminal, const std::string& question, EventLoop& loop,
               std::function<void(const absl::Status&)> done);
  ~Confirmation();
  Confirmation(const Confirmation&) = delete;
  Confirmation& operator=(const Confirmation&) = delete;

  const std::string& terminal() const { return terminal_.name; }

 private:
  void OnReadable();
  void Finish(const absl::Status& status);

  const Terminal terminal_;
  EventLoop& loop_;
  const std::function<void(const absl::Status&)> done_;
  const std::string number_;
  std::string typed_;
  EventLoop::Timer timer_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_CONFIRMATION_H_
