// SPDX-License-Identifier: Apache-2.0

// What an agent says of itself: to the controller when it connects, to whoever asks, to Prometheus.

#include <sys/statvfs.h>

#include <utility>

#include "absl/time/clock.h"
#include "agent/agent.h"
#include "agent/facts.h"
#include "agent/revision/history.h"
#include "proto/endpoint/capability.h"
#include "proto/endpoint/version.h"

namespace firebreak::agent {

std::string Agent::Name() const {
  if (standalone_ != nullptr) return standalone_->name();
  return identity_.has_value() ? identity_->name : "";
}

v1::Facts Agent::CollectFacts() const {
  v1::Facts facts = MakeFacts(last_links_, conflict_watch_->conflicts(), drift_guard_->drift());
  facts.set_log_problem(recording_->problem());
  for (const std::string& unknown : keeper_->UnknownSenders()) {
    facts.add_unknown_senders(unknown);
  }
  if (auto stack = stack_guard_->State(); stack.has_value()) {
    *facts.mutable_stack() = *std::move(stack);
  }
  if (const auto& table = flow_table_watch_->state(); table.has_value()) {
    *facts.mutable_flow_table() = *table;
  }
  return facts;
}

void Agent::FactsChanged() {
  v1::AgentMessage message;
  *message.mutable_facts() = CollectFacts();
  std::string facts = message.facts().SerializeAsString();
  if (facts == told_facts_) return;
  told_facts_ = std::move(facts);
  Send(std::move(message));
}

v1::Hello Agent::Greet() {
  recording_->BeginStream();
  // Behind the greeting.
  loop_.Post([this] { events_.BeginStream(); });
  v1::Hello hello;
  hello.set_agent_version(kVersion);
  hello.set_instance(instance_);
  hello.set_capability(kCapability);
  *hello.mutable_facts() = CollectFacts();
  told_facts_ = hello.facts().SerializeAsString();
  // A controller knows nothing of revisions that this host has made for itself.
  if (const auto receipt = keeper_->receipt();
      receipt.has_value() && receipt->history().fleet() != kStandalone) {
    *hello.mutable_receipt() = *receipt;
  }
  if (keeper_->refusal().has_value()) *hello.mutable_refusal() = *keeper_->refusal();
  return hello;
}

v1::StatusAnswer Agent::MakeStatus() const {
  v1::StatusAnswer status;
  status.set_name(Name());
  status.set_agent_version(kVersion);
  status.set_controller(options_.controller);
  status.set_connected(uplink_ != nullptr && uplink_->connected());
  if (standalone_ != nullptr) {
    *status.mutable_standalone() = standalone_->State();
  } else {
    if (!status.connected()) status.set_connection_error(std::string(connection_ended_.message()));
    status.mutable_connection_changed_at()->set_seconds(
        absl::ToUnixSeconds(connection_changed_at_));
    status.mutable_certificate_ends()->set_seconds(absl::ToUnixSeconds(identity_->not_after));
  }
  status.set_on_trial(keeper_->on_trial());
  if (const auto receipt = keeper_->receipt(); receipt.has_value()) {
    *status.mutable_receipt() = *receipt;
    // Their proofs as they are now.
    const std::vector<v1::InterfaceState> states = keeper_->InterfaceStates();
    *status.mutable_receipt()->mutable_interfaces() = {states.begin(), states.end()};
    const std::vector<v1::LocalSwitch> options = keeper_->Options();
    *status.mutable_receipt()->mutable_options() = {options.begin(), options.end()};
  }
  if (keeper_->refusal().has_value()) *status.mutable_refusal() = *keeper_->refusal();
  *status.mutable_facts() = CollectFacts();
  return status;
}

Stats Agent::MakeStats() const {
  Stats stats{.connected = uplink_ != nullptr && uplink_->connected(),
              .on_trial = keeper_->on_trial(),
              .refused = refused_,
              .undone = undone_,
              .log = recording_->stats()};
  stats.log_in_trouble = !recording_->problem().empty();
  if (identity_.has_value()) stats.certificate_ends = identity_->not_after;
  if (struct statvfs disk; statvfs(state_.path().c_str(), &disk) == 0) {
    stats.state_free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
  }
  if (const auto receipt = keeper_->receipt(); receipt.has_value()) {
    stats.revision = receipt->revision();
    stats.apply_seconds = static_cast<double>(receipt->apply_micros()) / 1e6;
  }
  if (const auto& drift = drift_guard_->drift(); drift.has_value()) {
    stats.foreign_changes = drift->times();
  }
  if (const auto stack = stack_guard_->State(); stack.has_value()) {
    stats.stack = Stats::Stack{.attacked = stack->attacked(),
                               .attacks = stack->attacks(),
                               .settings = stack->settings(),
                               .wrong = stack->settings_wrong(),
                               .changed = stack->changed_by_others()};
  }
  return stats;
}

}  // namespace firebreak::agent
