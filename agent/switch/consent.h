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

// Has the person at a caller's terminal agree to what the caller wants: one question at a time.
//
// Threading: on the loop's thread. The loop must outlive this object.
class Consent {
 public:
  explicit Consent(EventLoop& loop) : loop_(loop), poster_(loop) {}
  Consent(const Consent&) = delete;
  Consent& operator=(const Consent&) = delete;

  // Opens the terminal of the process. `thing`, such as "switch", is what would be confirmed. An
  // error tells the caller why nobody can be asked now.
  absl::StatusOr<Terminal> OpenTerminal(pid_t process, absl::string_view thing) const;

  // Asks (see Confirmation), and calls `done` once with what comes of it, unless this object is
  // destroyed before. If the caller cancels `reply`, the question is withdrawn from the terminal,
  // and `done` gets a Cancelled with the text `gone`. No question may be open.
  void Ask(Terminal terminal, const std::string& question, std::shared_ptr<Reply> reply,
           std::string gone, std::function<void(const absl::Status&)> done);

 private:
  EventLoop& loop_;
  std::unique_ptr<Confirmation> open_;  // the question, if there is one
  Poster poster_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_CONSENT_H_
