// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/uplink.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/uplink/channel.h"
#include "base/log/log.h"

namespace firebreak::agent {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(40);
// Between questions whether this host is refused. Each is a handshake more for a controller that
// may just have too much to do.
constexpr absl::Duration kAskingInterval = absl::Seconds(30);

absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

Uplink::Uplink(ControllerAddress& address, EventLoop& loop, Listener& listener)
    : address_(address), loop_(loop), listener_(listener), backoff_(kFirstPause, kLongestPause) {
  Connect();
}

Uplink::~Uplink() { loop_.Cancel(retry_); }

void Uplink::Connect() {
  retry_ = 0;
  taken_ = false;
  target_ = address_.target();
  stream_ = std::make_unique<Stream>(
      target_, listener_.identity(), listener_.Greet(), loop_,
      Stream::Callbacks{
          .taken = [this](const std::string& peer) { Taken(peer); },
          .message =
              [this](v1::ControllerMessage message) { listener_.Received(std::move(message)); },
          .ended = [this](const absl::Status& status) { Ended(status); }});
}

void Uplink::Taken(const std::string& peer) {
  LogInfo(absl::StrCat("connected to ", address_.name()));
  taken_ = true;
  refusal_ = absl::OkStatus();
  address_.Reached(peer);
  backoff_.Reset();
  listener_.Connected();
}

void Uplink::Ended(const absl::Status& status) {
  stream_.reset();
  const bool was_taken = std::exchange(taken_, false);
  if (!was_taken) address_.Failed();
  if (was_taken || !ClosedByPeer(status)) return Lost(status);
  if (SteadyNow() - refusal_asked_ < kAskingInterval) {
    return Lost(refusal_.ok() ? status : refusal_);
  }
  refusal_asked_ = SteadyNow();
  asking_ = std::make_unique<RefusalQuestion>(
      target_, listener_.identity(), loop_, [this, status](const absl::Status& answer) {
        asking_.reset();
        refusal_ = absl::IsUnauthenticated(answer) ? answer : absl::OkStatus();
        Lost(refusal_.ok() ? status : refusal_);
      });
}

void Uplink::Lost(const absl::Status& status) {
  listener_.Disconnected(status);
  const absl::Duration pause = backoff_.Next(random_);
  LogWarning("no stream to ", address_.name(), ": ", status.message(), "; next try in ",
             absl::FormatDuration(absl::Trunc(pause, absl::Milliseconds(1))));
  retry_ = loop_.RunAfter(absl::ToChronoNanoseconds(pause), [this] { Connect(); });
}

void Uplink::Send(v1::AgentMessage message, std::function<void()> written) {
  if (stream_ != nullptr) stream_->Send(std::move(message), std::move(written));
}

void Uplink::Restart() {
  if (stream_ != nullptr) Ended(absl::CancelledError("starting anew"));
}

}  // namespace firebreak::agent
