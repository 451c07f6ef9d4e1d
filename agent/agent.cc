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
  if (unit_watch_.has_value()) loop_.Unwatch(unit_watch_->descriptor());
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
  mapping_desk_->Load();
  absl::Status started = keeper_->Start(last_links_, options_.standalone.has_value());
  if (!options_.standalone.has_value() && keeper_->IsStandaloneInForce()) {
    own_policy_ = keeper_->PolicyInForce();
  }
  locator_->SetLinks(last_links_);
  recording_->SetLinks(last_links_);
  return started;
}

void Agent::Build(Nftables nftables, NetlinkSocket questions) {
  enforcer_ =
      std::make_unique<Enforcer>(std::move(nftables), &*ruleset_events_,
                                 KernelSettings(state_.path() + "/settings", OthersForward));
  leases_ = std::make_unique<KernelLeases>(*enforcer_);
  locator_ = std::make_unique<Locator>(loop_, *leases_, *this);
  recording_ = std::make_unique<Recording>(loop_, state_.path() + "/log", options_.log_directories,
                                           *locator_, *this);
  rules_ = std::make_unique<HostRules>(*enforcer_, *locator_);
  rules_->SetStackListener(
      [this](const v1::Hardened& host, std::map<std::string, std::string> held_back) {
        OnStackWanted(host, std::move(held_back));
      });
  keeper_ = std::make_unique<RevisionKeeper>(state_, loop_, *rules_, options_.reach_timeout,
                                             reacher_, *this);
  stack_guard_ = std::make_unique<StackGuard>(loop_, enforcer_->settings(), *this);
  if (options_.standalone.has_value()) {
    standalone_ = std::make_unique<Standalone>(*options_.standalone, state_.path() + "/revisions",
                                               loop_, *keeper_);
  }
  switcher_ = std::make_unique<Switcher>(loop_, *keeper_, events_);
  mapping_desk_ =
      std::make_unique<MappingDesk>(loop_, state_, *keeper_, events_, [this] { FollowUnits(); });
  loop_.Watch(links_->descriptor(), [this] { OnLinks(); });
  if (absl::StatusOr<UnitWatch> watch = UnitWatch::Open(); watch.ok()) {
    unit_watch_ = *std::move(watch);
    loop_.Watch(unit_watch_->descriptor(), [this] {
      if (!unit_watch_->Drain()) return;
      keeper_->SendersChanged();
      mapping_desk_->Follow();
    });
  } else {
    // Units are looked for once a minute all the same.
    LogError(watch.status().message());
  }
  conflict_watch_ =
      std::make_unique<ConflictWatch>(loop_, std::move(questions), [this] { FactsChanged(); });
  flow_table_watch_ = std::make_unique<FlowTableWatch>(loop_, *this);
  drift_guard_ = std::make_unique<DriftGuard>(loop_, *ruleset_events_, enforcer_->port(), *this);
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

}  // namespace firebreak::agent
