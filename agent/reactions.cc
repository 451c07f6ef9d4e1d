// SPDX-License-Identifier: Apache-2.0

// What the agent does about what it is told: by the kernel, by the controller, by its own parts.

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/agent.h"
#include "agent/kernel/control_groups/units.h"
#include "agent/revision/history.h"
#include "agent/senders/senders.h"
#include "agent/standalone/takeover.h"
#include "agent/switch/wanted_switch.h"
#include "base/log/log.h"

namespace firebreak::agent {

void Agent::Send(v1::AgentMessage message) {
  if (uplink_ != nullptr) uplink_->Send(std::move(message));
}

void Agent::Applied(const v1::Receipt& receipt) {
  mapping_desk_->Follow();
  if (standalone_ != nullptr) return standalone_->Applied(receipt);
  if (receipt.history().fleet() == kStandalone) return;
  if (own_policy_.has_value()) {
    TellTakeover(*std::exchange(own_policy_, std::nullopt), keeper_->PolicyInForce());
  }
  v1::AgentMessage message;
  *message.mutable_receipt() = receipt;
  Send(std::move(message));
  FollowUnits();
}

void Agent::Refused(const v1::Refusal& refusal) {
  ++(refusal.kind() == v1::Refusal::undone ? undone_ : refused_);
  if (standalone_ != nullptr) return standalone_->Refused(refusal);
  v1::AgentMessage message;
  *message.mutable_refusal() = refusal;
  Send(std::move(message));
}

void Agent::Enforced(const v1::EffectivePolicy& policy) {
  locator_->SetPolicy(policy);
  recording_->SetPolicy(policy);
  FollowUnits();
}

void Agent::FollowUnits() {
  if (unit_watch_.has_value()) {
    std::set<std::string> units = SendersIn(keeper_->PolicyInForce()).units;
    units.insert(mapping_desk_->Units().begin(), mapping_desk_->Units().end());
    const auto root = units.empty() ? std::nullopt : FindControlGroups();
    // Whoever started before it was watched for has not been heard.
    if (unit_watch_->Follow(root, std::move(units))) {
      loop_.Post([this] {
        keeper_->SendersChanged();
        mapping_desk_->Follow();
      });
    }
  }
  FactsChanged();
}

void Agent::Moved(const Locator::Move& move) {
  recording_->LocationsChanged();
  if (!keeper_->KeepsFlows(move.interface_name, move.now)) {
    flow_reaper_.Moved({move.interface_index, move.addresses});
  }
  v1::LocationEvent event;
  event.set_kind(move.now == policy::kElsewhere ? v1::LocationEvent::demoted
                                                : v1::LocationEvent::promoted);
  event.set_interface(move.interface_name);
  event.set_location(move.now);
  event.set_before(move.before);
  event.set_reason(move.reason);
  KeepEvent(event);
  // One receipt for all that move at once.
  if (!std::exchange(moves_told_, false)) return;
  loop_.Post([this] {
    moves_told_ = true;
    keeper_->LocationsChanged();
  });
}

void Agent::LocationRefused(const v1::LocationEvent& event) { KeepEvent(event); }

void Agent::KeepEvent(const v1::LocationEvent& event) {
  v1::HostEvent kept;
  *kept.mutable_location() = event;
  events_.KeepSoon(std::move(kept));
}

void Agent::StackChanged(v1::StackEvent event) {
  if (event.kind() == v1::StackEvent::attack_began ||
      event.kind() == v1::StackEvent::attack_ended) {
    recording_->NoteAttack(event.kind() == v1::StackEvent::attack_began);
  }
  v1::HostEvent kept;
  *kept.mutable_stack() = std::move(event);
  events_.KeepSoon(std::move(kept));
}

void Agent::PressureChanged(const StackPressure& pressure) { keeper_->PressureChanged(pressure); }

void Agent::OnStackWanted(const v1::Hardened& host, std::map<std::string, std::string> held_back) {
  loop_.Post([this, host, held_back = std::move(held_back)]() mutable {
    const bool news = held_back != stack_guard_->held_back();
    stack_guard_->SetHeldBack(std::move(held_back));
    stack_guard_->Follow(host);
    if (news) FactsChanged();
  });
}

absl::StatusOr<Enforcer::Outcome> Agent::UndoForeignChanges() {
  return keeper_->UndoForeignChanges();
}

void Agent::OtherTablesChanged() { conflict_watch_->OthersChanged(); }

void Agent::FlowTableChanged(v1::FlowTableEvent event) {
  v1::HostEvent kept;
  *kept.mutable_flow_table() = std::move(event);
  events_.KeepSoon(std::move(kept));
}

void Agent::SwitchEnded(const v1::LocalSwitch& ended, const std::string& why) {
  LogWarning(absl::StrCat("a local switch of ", ended.user(), " has ended: ", why));
  v1::LocalSwitchEvent told;
  *told.mutable_what() = ended;
  told.set_ended(why);
  v1::HostEvent event = SwitchEventOf(std::move(told));
  if (absl::Status status = events_.Keep(std::move(event)); !status.ok()) {
    LogError(status.message());
  }
}

void Agent::SwitchesLost(const std::string& why) {
  LogError(absl::StrCat("the host's own switches are lost, so the fleet's policy holds: ", why));
  v1::HostEvent event;
  event.mutable_local_switch()->set_ended(
      absl::StrCat("the host has lost its own switches: ", why));
  if (absl::Status status = events_.Keep(std::move(event)); !status.ok()) {
    LogError(status.message());
  }
}

void Agent::MappingsLeftOut(const std::string& why) { mapping_desk_->LeftOut(why); }

// Ends the flows of mappings that have expired: every interface is treated as if it had just come
// to the location where it is.
void Agent::Expired() {
  for (const Link& link : last_links_) {
    if (!link.addresses.empty()) flow_reaper_.Moved({link.index, link.addresses});
  }
}

void Agent::OnLinks() {
  // Trust goes first, then it is seen what there is.
  locator_->Lose(links_->Drain());
  absl::StatusOr<std::vector<Link>> links = links_->Read();
  if (!links.ok()) return LogError(links.status().message());
  locator_->SetLinks(*links);
  if (*links == last_links_) return;
  last_links_ = *std::move(links);
  keeper_->LinksChanged(last_links_);
  recording_->SetLinks(last_links_);
  FactsChanged();
}

void Agent::Received(v1::ControllerMessage message) {
  switch (message.body_case()) {
    case v1::ControllerMessage::kPush: {
      const absl::Status status = keeper_->Take(std::move(*message.mutable_push()));
      if (!status.ok()) {
        // The two disagree about what this host has; a new greeting tells.
        LogWarning(status.message());
        uplink_->Restart();
      }
      break;
    }
    case v1::ControllerMessage::kQuestion:
      relay_->Ask(std::move(*message.mutable_question()));
      break;
    case v1::ControllerMessage::kCancel: relay_->Cancel(message.cancel()); break;
    case v1::ControllerMessage::kLogAcknowledgement:
      recording_->Acknowledge(message.log_acknowledgement());
      break;
    case v1::ControllerMessage::kEventsTaken: events_.Taken(message.events_taken()); break;
    case v1::ControllerMessage::kAnswerTaken: relay_->Taken(message.answer_taken()); break;
    default: break;  // of a newer controller
  }
}

}  // namespace firebreak::agent
