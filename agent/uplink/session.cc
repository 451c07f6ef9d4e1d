#include "agent/uplink/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log/log.h"

namespace firebreak::agent {
namespace {

constexpr EventLoop::Clock::duration kFirstDelay = std::chrono::milliseconds(250);
constexpr EventLoop::Clock::duration kLongestDelay = std::chrono::seconds(30);

}  // namespace

Session::Session(ControllerAddress& address, EventLoop& loop, Outside outside)
    : address_(address),
      loop_(loop),
      outside_(std::move(outside)),
      delay_(kFirstDelay),
      random_(std::random_device()()) {
  Connect();
}

Session::~Session() { loop_.Cancel(retry_); }

void Session::Connect() {
  retry_ = 0;
  taken_ = false;
  stream_ = std::make_unique<Stream>(
      address_.target(), outside_.identity(), outside_.hello(), loop_,
      Stream::Callbacks{
          .taken = [this](const std::string& peer) { Taken(peer); },
          .message =
              [this](v1::ControllerMessage message) { outside_.message(std::move(message)); },
          .ended = [this](const absl::Status& status) { Ended(status); }});
}

void Session::Taken(const std::string& peer) {
  LogInfo(absl::StrCat("connected to ", address_.name()));
  taken_ = true;
  address_.Reached(peer);
  delay_ = kFirstDelay;
  if (outside_.connected) outside_.connected();
}

void Session::Ended(const absl::Status& status) {
  stream_.reset();
  if (!std::exchange(taken_, false)) address_.Failed();
  if (outside_.ended) outside_.ended(status);
  const auto half = delay_ / 2;
  const auto delay = half + std::uniform_int_distribution<int64_t>(0, 2 * half.count())(random_) *
                                EventLoop::Clock::duration(1);
  delay_ = std::min(delay_ * 2, kLongestDelay);
  LogWarning(
      absl::StrCat("no stream to ", address_.name(), ": ", status.message(), "; next try in ",
                   std::chrono::duration_cast<std::chrono::milliseconds>(delay).count(), " ms"));
  retry_ = loop_.RunAfter(delay, [this] { Connect(); });
}

void Session::Send(v1::AgentMessage message, std::function<void()> written) {
  if (stream_ != nullptr) stream_->Send(std::move(message), std::move(written));
}

void Session::Restart() {
  if (stream_ != nullptr) Ended(absl::CancelledError("starting anew"));
}

}  // namespace firebreak::agent
