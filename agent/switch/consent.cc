// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/consent.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/switch/process.h"

namespace firebreak::agent {

absl::StatusOr<Terminal> Consent::OpenTerminal(pid_t process, absl::string_view thing) const {
  const absl::StatusOr<Process> caller = ReadProcess(process);
  absl::StatusOr<Terminal> terminal = caller.ok() ? OpenTerminalOf(*caller) : caller.status();
  if (!terminal.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("a person must confirm it at a terminal, and ", terminal.status().message(),
                     "; run it in the foreground of a terminal"));
  }
  if (open_ != nullptr) {
    return absl::UnavailableError(
        absl::StrCat("another ", thing, " waits to be confirmed at ", open_->terminal()));
  }
  return terminal;
}

void Consent::Ask(Terminal terminal, const std::string& question, std::shared_ptr<Reply> reply,
                  std::string gone, std::function<void(const absl::Status&)> done) {
  struct Question {
    std::shared_ptr<Reply> reply;
    std::function<void(const absl::Status&)> done;
  };
  const auto asked = std::make_shared<Question>(Question{std::move(reply), std::move(done)});
  // The confirmation is destroyed later, because this callback may run inside it.
  asked->reply->OnCancel([this, weak = std::weak_ptr(asked), gone = std::move(gone)] {
    const auto left = weak.lock();
    if (left == nullptr) return;
    left->done(absl::CancelledError(gone));
    poster_.Post([this] { open_.reset(); });
  });
  open_ = std::make_unique<Confirmation>(
      std::move(terminal), question, loop_, [this, asked](const absl::Status& status) mutable {
        // Destroying the confirmation destroys this closure and its captures, so they are moved out
        // first.
        const std::shared_ptr<Question> kept = std::move(asked);
        const std::unique_ptr<Confirmation> over = std::move(open_);
        if (kept->reply->open()) kept->done(status);
      });
}

}  // namespace firebreak::agent
