// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <linux/netlink.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/conflicts/others_forward.h"
#include "agent/register_answers.h"
#include "agent/serve_metrics.h"
#include "base/log/log.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr std::chrono::minutes kRulesCheck(15);

}  // namespace

Agent::Agent(Options options, StateDirectory& state, EventLoop& loop,
             std::optional<Identity> identity)
    : options_(std::move(options)),
      state_(state),
      loop_(loop),
      events_(state.EventsPath(), loop,
              [this](const v1::HostEvent& event) {
                v1::AgentMessage message;
                *message.mutable_event() = event;
                Send(std::move(message));
              }),
      flow_reaper_(loop),
      identity_(std::move(identity)),
      controller_(options_.controller, state.ReadControllerAddress(),
                  [this](const std::string& last) {
                    if (absl::Status status = state_.WriteControllerAddress(last); !status.ok()) {
                      LogError(status.message());
                    }
                  }),
      reacher_(controller_, identity_, loop),
      answerers_(loop),
      background_answers_(loop) {}

Agent::~Agent() {
  if (links_.has_value()) loop_.Unwatch(links_->descriptor());
}

absl::Status Agent::Protect() {
  ASSIGN_OR_RETURN(Nftables nftables, Nftables::Open());
  ASSIGN_OR_RETURN(NetlinkSocket questions, NetlinkSocket::Open(NETLINK_NETFILTER));
  ASSIGN_OR_RETURN(Links links, Links::Open());
  links_ = std::move(links);
  // Before the rules are read for the first time, so that no change is missed in between.
  ASSIGN_OR_RETURN(RulesetEvents ruleset_events, RulesetEvents::Open());
  ruleset_events_ = std::move(ruleset_events);
  absl::StatusOr<std::vector<Link>> present = links_->Read();
  if (!present.ok()) {
    // Interfaces that do not hold still are no reason to be without rules; their changes are heard.
    LogError(present.status().message());
    present = std::vector<Link>();
  }
  last_links_ = *std::move(present);
  Build(std::move(nftables), std::move(questions));
  absl::Status started = keeper_->Start(last_links_);
  locator_->SetLinks(last_links_);
  recording_->SetLinks(last_links_);
  return started;
}

void Agent::Build(Nftables nftables, NetlinkSocket questions) {
  recording_ = std::make_unique<Recording>(
      loop_, state_.path() + "/log", options_.log_directories,
      Recording::Outside{
          .send = [this](v1::AgentMessage message) { Send(std::move(message)); },
          .location_of = [this](const std::string& name) { return locator_->At(name); },
          .problem_changed = [this] { SendFacts(); },
      });
  enforcer_ =
      std::make_unique<Enforcer>(std::move(nftables), &*ruleset_events_,
                                 KernelSettings(state_.path() + "/settings", OthersForward));
  leases_ = std::make_unique<KernelLeases>(*enforcer_);
  locator_ = std::make_unique<Locator>(loop_, *leases_, *this);
  rules_ = std::make_unique<HostRules>(*enforcer_, *locator_);
  keeper_ = std::make_unique<RevisionKeeper>(state_, loop_, *rules_, options_.reach_timeout,
                                             reacher_, *this);
  stack_guard_ = std::make_unique<StackGuard>(
      loop_, enforcer_->settings(),
      StackGuard::Outside{
          .event = [this](v1::StackEvent event) { StackChanged(std::move(event)); },
          .facts_changed = [this] { SendFacts(); },
          .pressure_changed =
              [this](const StackPressure& pressure) { keeper_->PressureChanged(pressure); }});
  rules_->SetStackListener(
      [this](const v1::Hardened& host, std::map<std::string, std::string> held_back) {
        loop_.Post([this, host, held_back = std::move(held_back)]() mutable {
          const bool news = held_back != stack_guard_->held_back();
          stack_guard_->SetHeldBack(std::move(held_back));
          stack_guard_->Follow(host);
          if (news) SendFacts();
        });
      });
  switcher_ = std::make_unique<Switcher>(loop_, *keeper_, events_);
  loop_.Watch(links_->descriptor(), [this] { OnLinks(); });
  conflict_watch_ =
      std::make_unique<ConflictWatch>(loop_, std::move(questions), [this] { SendFacts(); });
  drift_guard_ = std::make_unique<DriftGuard>(
      loop_, *ruleset_events_, enforcer_->port(),
      DriftGuard::Outside{.undo = [this] { return keeper_->UndoForeignChanges(); },
                          .changed = [this] { SendFacts(); },
                          .others_changed = [this] { conflict_watch_->OthersChanged(); }});
  loop_.RunAfter(kRulesCheck, [this] { CheckRules(); });
}

void Agent::End() {
  recording_->End();
  if (absl::Status status = events_.Write(); !status.ok()) LogError(status.message());
}

// Changes are heard of when they are made; this is for what may have been missed, and for settings
// of the kernel, whose changes are not heard of, or are made some time after the rules.
void Agent::CheckRules() {
  if (const auto outcome = keeper_->UndoForeignChanges(); !outcome.ok()) {
    LogError(outcome.status().message());
  } else if (outcome->changes != 0) {
    LogWarning(absl::StrCat(outcome->changes, " foreign changes found and undone"));
  }
  loop_.RunAfter(kRulesCheck, [this] { CheckRules(); });
}

void Agent::Connect(Identity identity) {
  identity_ = std::move(identity);
  KeepRenewed();
  if (session_ != nullptr) {
    session_->Restart();
    return;
  }
  RegisterAnswers({.loop = loop_,
                   .keeper = *keeper_,
                   .locator = *locator_,
                   .switcher = *switcher_,
                   .recording = *recording_,
                   .background = background_answers_,
                   .links = last_links_,
                   .identity = identity_,
                   .stack = *stack_guard_,
                   .settings = enforcer_->settings(),
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
  if (!options_.metrics.empty()) {
    auto server = ServeMetrics(options_.metrics, loop_, [this] { return MakeStats(); });
    if (!server.ok()) {
      LogError(server.status().message());
    } else {
      metrics_ = *std::move(server);
    }
  }
  session_ = std::make_unique<Session>(
      controller_, loop_,
      Session::Outside{
          .hello = [this] { return MakeHello(); },
          .identity = [this]() -> const Identity& { return *identity_; },
          .connected =
              [this] {
                connection_ended_ = absl::OkStatus();
                connection_changed_at_ = absl::Now();
              },
          .message = [this](v1::ControllerMessage message) { OnMessage(std::move(message)); },
          .ended =
              [this](const absl::Status& status) {
                connection_ended_ = status;
                connection_changed_at_ = absl::Now();
                relay_->StreamEnded();
                events_.EndStream();
                if (absl::IsUnauthenticated(status) && refused_by_controller_) {
                  refused_by_controller_();
                }
              }});
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
