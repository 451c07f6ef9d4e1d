// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/renewer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"

namespace firebreak::agent {

Renewer::Renewer(std::string controller, Identity identity, EventLoop& loop, Renewed renewed)
    : controller_(std::move(controller)),
      identity_(std::move(identity)),
      loop_(loop),
      renewed_(std::move(renewed)),
      schedule_(identity_, random_) {
  LookAfter(schedule_.Pause(identity_, absl::Now()));
}

Renewer::~Renewer() { loop_.Cancel(timer_); }

void Renewer::LookAfter(absl::Duration pause) {
  timer_ = loop_.RunAfter(absl::ToChronoNanoseconds(pause), [this] { Look(); });
}

void Renewer::Look() {
  timer_ = 0;
  if (const absl::Time now = absl::Now(); !schedule_.Due(identity_, now)) {
    return LookAfter(schedule_.Pause(identity_, now));
  }
  auto renewal = StartRenewal(controller_, identity_, kTimeout, loop_,
                              [this](const absl::StatusOr<Identity>& renewed) {
                                // Also closes the connection, which is no longer needed.
                                renewal_.reset();
                                Answered(renewed);
                              });
  if (!renewal.ok()) return Answered(renewal.status());
  renewal_ = *std::move(renewal);
}

void Renewer::Answered(const absl::StatusOr<Identity>& renewed) {
  absl::Status status = renewed.status();
  if (status.ok()) status = renewed_(*renewed);
  if (!status.ok()) {
    LogError("renew the certificate, which ends ", absl::FormatTime(identity_.not_after), ": ",
             status.message());
    return LookAfter(schedule_.PauseAfterFailure(random_));
  }
  identity_ = *renewed;
  schedule_ = RenewalSchedule(identity_, random_);
  LogInfo("the certificate is renewed until ", absl::FormatTime(identity_.not_after));
  LookAfter(schedule_.Pause(identity_, absl::Now()));
}

}  // namespace firebreak::agent
