// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/confirmation.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMaxTyped = 64;

std::string RandomNumber() {
  std::random_device random;
  return absl::StrCat(std::uniform_int_distribution<int>(1000, 9999)(random));
}

}  // namespace

Confirmation::Confirmation(Terminal terminal, const std::string& question, EventLoop& loop,
                           std::function<void(const absl::Status&)> done)
    : terminal_(std::move(terminal)),
      loop_(loop),
      done_(std::move(done)),
      number_(RandomNumber()),
      timer_(0) {
  const std::string text =
      absl::StrCat("\n", question, "\nType ", number_, " and Enter within ", kPatience.count(),
                   " seconds to have it done; anything else refuses.\n> ");
  tcflush(terminal_.descriptor.get(), TCIFLUSH);
  const ssize_t written = write(terminal_.descriptor.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    // A person who has not seen the whole question cannot agree to it.
    timer_ = loop_.RunAfter({}, [this] {
      timer_ = 0;
      Finish(absl::UnavailableError(absl::StrCat("nothing can be shown on ", terminal_.name)));
    });
    return;
  }
  timer_ = loop_.RunAfter(kPatience, [this] {
    timer_ = 0;
    Finish(absl::DeadlineExceededError(absl::StrCat("nobody answered at ", terminal_.name)));
  });
  loop_.Watch(terminal_.descriptor.get(), [this] { OnReadable(); });
}

Confirmation::~Confirmation() {
  loop_.Cancel(timer_);
  loop_.Unwatch(terminal_.descriptor.get());
}

void Confirmation::OnReadable() {
  char bytes[kMaxTyped];
  const ssize_t count = read(terminal_.descriptor.get(), bytes, sizeof bytes);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) return Finish(absl::UnavailableError(absl::StrCat(terminal_.name, " is gone")));
  typed_.append(bytes, static_cast<size_t>(count));
  const size_t end = typed_.find_first_of("\r\n");
  // The end of input counts as an answer too.
  if (end == std::string::npos && count != 0 && typed_.size() < kMaxTyped) return;
  if (absl::StripAsciiWhitespace(typed_.substr(0, end)) == number_) {
    return Finish(absl::OkStatus());
  }
  Finish(absl::PermissionDeniedError(
      absl::StrCat("the answer at ", terminal_.name, " was not the number shown there")));
}

void Confirmation::Finish(const absl::Status& status) {
  loop_.Cancel(std::exchange(timer_, 0));
  loop_.Unwatch(terminal_.descriptor.get());
  const auto done = done_;
  done(status);
}

}  // namespace firebreak::agent
