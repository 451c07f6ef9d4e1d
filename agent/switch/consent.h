// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_CONSENT_H_
#define FIREBREAK_AGENT_SWITCH_CONSENT_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/answer/reply.h"
#include "agent/loop/event_loop.h"
#include "agent/loop/poster.h"
#include "agent/switch/confirmation.h"
#include "agent/switch/terminal.h"

namespace firebreak::agent {

// Asks the person at a caller's terminal to agree to a request. One question at a time.
//
// Threading: on the loop's thread. The loop must outlive this object.
class Consent {
 public:
  explicit Consent(EventLoop& loop) : loop_(loop), poster_(loop) {}
  Consent(const Consent&) = delete;
  Consent& operator=(const Consent&) = delete;

  // Opens the terminal of the process. `thing`, such as "switch", is what must be confirmed. An
  // error says why nobody can be asked now.
  absl::StatusOr<Terminal> OpenTerminal(pid_t process, absl::string_view thing) const;

  // Asks the question (see Confirmation) and calls `done` once with the outcome, unless this object
  // is destroyed first. If the caller cancels `reply`, the question is withdrawn from the terminal
  // and `done` gets a Cancelled error with the text `gone`. No other question may be open.
  void Ask(Terminal terminal, const std::string& question, std::shared_ptr<Reply> reply,
           std::string gone, std::function<void(const absl::Status&)> done);

 private:
  EventLoop& loop_;
  std::unique_ptr<Confirmation> open_;  // the question, if there is one
  Poster poster_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_CONSENT_H_
