// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/enroller.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/identity/enrolment_key.h"
#include "base/log/log.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

bool WorthTryingAgain(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

absl::StatusOr<Enrolled> Attempt(const Enroller::Options& options) {
  ASSIGN_OR_RETURN(std::string key, LoadOrMakeEnrolmentKey(options.key_path));
  absl::StatusOr<Enrolled> enrolled =
      Enrol(options.controller, options.token, options.name, key,
            options.proof.has_value() ? &*options.proof : nullptr, Enroller::kAttempt);
  Wipe(key);
  return enrolled;
}

}  // namespace

struct Enroller::Attempts {
  const Options options;
  Enroller* enroller;  // null once the enroller is destroyed; the loop's thread only
};

Enroller::Enroller(Options options, EventLoop& loop, Done done)
    : loop_(loop),
      attempts_(std::make_shared<Attempts>(Attempts{std::move(options), this})),
      done_(std::move(done)),
      backoff_(kShortestPause, kLongestPause) {
  Try();
}

Enroller::~Enroller() {
  attempts_->enroller = nullptr;
  loop_.Cancel(retry_);
  if (thread_.joinable()) thread_.join();
}

void Enroller::Try() {
  retry_ = 0;
  const Options& options = attempts_->options;
  LogInfo("enrolling as ", options.name, " with ", options.controller);
  if (thread_.joinable()) thread_.join();  // the thread has posted its answer and is about to end
  thread_ = std::thread([attempts = attempts_, &loop = loop_] {
    auto enrolled = std::make_shared<absl::StatusOr<Enrolled>>(Attempt(attempts->options));
    loop.Post([attempts, enrolled] {
      if (attempts->enroller != nullptr) attempts->enroller->Tried(std::move(*enrolled));
    });
  });
}

void Enroller::Tried(absl::StatusOr<Enrolled> enrolled) {
  if (enrolled.ok() || !WorthTryingAgain(enrolled.status())) {
    const Done done = std::move(done_);
    return done(std::move(enrolled));
  }
  const absl::Duration pause = backoff_.Next(random_);
  LogWarning("enrol as ", attempts_->options.name, ": ", enrolled.status().message(),
             "; next try in ", absl::FormatDuration(absl::Trunc(pause, absl::Milliseconds(1))));
  retry_ = loop_.RunAfter(absl::ToChronoNanoseconds(pause), [this] { Try(); });
}

}  // namespace firebreak::agent
