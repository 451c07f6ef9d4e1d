// SPDX-License-Identifier: Apache-2.0

// What the agent is once it has a name: it answers questions, locally and for its controller, and,
// if there is one, keeps a stream to it.

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/agent.h"
#include "agent/register_answers.h"
#include "agent/serve_metrics.h"
#include "base/log/log.h"

namespace firebreak::agent {
namespace {

// A clock that is behind by more has not been kept while the host was off.
constexpr absl::Duration kClockDoubt = absl::Hours(1);

}  // namespace

void Agent::Connect(Identity identity) {
  identity_ = std::move(identity);
  if (absl::Now() + kClockDoubt < identity_->obtained && !state_.ClockWasWrong()) {
    LogWarning("this host's clock is behind the time at which it got its certificate");
    if (absl::Status status = state_.NoteWrongClock(); !status.ok()) LogError(status.message());
  }
  KeepRenewed();
  if (uplink_ != nullptr) {
    uplink_->Restart();
    return;
  }
  StartToAnswer();
  ServeMetrics();
  uplink_ = std::make_unique<Uplink>(controller_, loop_, *this);
}

absl::Status Agent::BeginStandalone() {
  StartToAnswer();
  ServeMetrics();
  return standalone_->Start();
}

void Agent::StartToAnswer() {
  RegisterAnswers({.loop = loop_,
                   .keeper = *keeper_,
                   .locator = *locator_,
                   .switcher = *switcher_,
                   .mapping_desk = *mapping_desk_,
                   .recording = *recording_,
                   .background = background_answers_,
                   .links = last_links_,
                   .name = [this] { return Name(); },
                   .stack = *stack_guard_,
                   .settings = enforcer_->settings(),
                   .standalone = standalone_.get(),
                   .status = [this] { return MakeStatus(); }},
                  answerers_);
  relay_ = std::make_unique<Relay>(answerers_,
                                   [this](v1::AgentMessage message) { Send(std::move(message)); });
  if (!options_.local.path.empty()) {
    auto server = LocalServer::Start(options_.local, loop_, answerers_);
    if (server.ok()) {
      local_server_ = *std::move(server);
    } else {
      // The fleet's policy is enforced without it.
      LogError(absl::StrCat("no local socket: ", server.status().message()));
    }
  }
}

void Agent::ServeMetrics() {
  if (options_.metrics.empty()) return;
  auto server = agent::ServeMetrics(options_.metrics, loop_, [this] { return MakeStats(); });
  if (server.ok()) {
    metrics_ = *std::move(server);
  } else {
    LogError(server.status().message());
  }
}

void Agent::Connected() {
  connection_ended_ = absl::OkStatus();
  connection_changed_at_ = absl::Now();
  keeper_->StreamChanged(true);
}

void Agent::Disconnected(const absl::Status& why) {
  connection_ended_ = why;
  connection_changed_at_ = absl::Now();
  relay_->StreamEnded();
  events_.EndStream();
  keeper_->StreamChanged(false);
  if (absl::IsUnauthenticated(why) && refused_by_controller_) refused_by_controller_();
}

void Agent::KeepRenewed() {
  renewer_ = std::make_unique<Renewer>(
      options_.controller, *identity_, loop_, [this](const Identity& renewed) {
        absl::Status status = WriteIdentity(state_.IdentityPath(), renewed);
        if (status.ok()) identity_ = renewed;
        return status;
      });
}

}  // namespace firebreak::agent
