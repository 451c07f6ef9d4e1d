// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_AGENT_H_
#define FIREBREAK_AGENT_AGENT_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/answer/answerers.h"
#include "agent/answer/background_answers.h"
#include "agent/conflicts/conflict_watch.h"
#include "agent/drift/drift_guard.h"
#include "agent/enforce/enforcer.h"
#include "agent/events/event_spool.h"
#include "agent/flow_table/flow_table_watch.h"
#include "agent/hardening/stack_guard.h"
#include "agent/identity/identity.h"
#include "agent/kernel/control_groups/unit_watch.h"
#include "agent/kernel/links/links.h"
#include "agent/kernel/nftables/nftables.h"
#include "agent/kernel/nftables/ruleset_events.h"
#include "agent/local/local_server.h"
#include "agent/location/flow_reaper.h"
#include "agent/location/kernel_leases.h"
#include "agent/location/locator.h"
#include "agent/loop/event_loop.h"
#include "agent/mappings/mapping_desk.h"
#include "agent/metrics/metrics.h"
#include "agent/reach.h"
#include "agent/record/recording.h"
#include "agent/revision/host_rules.h"
#include "agent/revision/revision_keeper.h"
#include "agent/standalone/standalone.h"
#include "agent/state/epoch.h"
#include "agent/state/state_directory.h"
#include "agent/switch/switcher.h"
#include "agent/uplink/calls.h"
#include "agent/uplink/controller_address.h"
#include "agent/uplink/relay.h"
#include "agent/uplink/renewer.h"
#include "agent/uplink/uplink.h"
#include "base/metrics/metrics_server.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// One host's agent: enforces what the disk has, then what the controller sends or, on a host
// without one, what local files say, and answers.
//
// Threading: constructed, used and destroyed on the event loop's thread.
class Agent : public RevisionListener,
              public Locator::Listener,
              public Recording::Listener,
              public DriftGuard::Listener,
              public StackGuard::Listener,
              public FlowTableWatch::Listener,
              public Uplink::Listener {
 public:
  struct Options {
    std::string controller;                         // HOST:PORT; empty on a host without one
    std::optional<Standalone::Options> standalone;  // set on a host without a controller
    absl::Duration reach_timeout = absl::Seconds(30);
    LocalServer::Options local;  // an empty path: no socket
    std::string metrics;         // loopback address and port; empty: nowhere
    // A policy's log file must be in one of these directories or below it. Never empty.
    std::vector<std::string> log_directories;
  };

  // `identity` is nullopt before the host has enrolled.
  Agent(Options options, StateDirectory& state, EventLoop& loop, std::optional<Identity> identity);
  ~Agent() override;
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Enforces the policy from the disk. Must be called before anything else.
  absl::Status Protect();

  // Whether Protect could open the kernel's interfaces; otherwise the agent can do nothing.
  bool CanEnforce() const { return keeper_ != nullptr; }

  // Must be called when the state directory may be an older copy of itself. Numbers events anew, so
  // that the controller does not take new events for some that it has already.
  void StateWentBack() { events_.StateWentBack(); }

  // Connects as this host, and stays connected. A second call changes the identity.
  void Connect(Identity identity);

  // Replaces Connect on a host without a controller: begins to answer questions, and enforces the
  // local files. Returns an error if the files cannot be enforced and no policy is in force.
  absl::Status BeginStandalone();
  // Puts the local files in force as they are now.
  void Reload() { standalone_->Reload(); }

  // `refused` is called whenever the controller refuses this host as one that it does not know.
  void OnRefused(std::function<void()> refused) { refused_by_controller_ = std::move(refused); }

  // Writes unsent log records and events to the disk. The rules stay.
  void End();

 private:
  void Build(Nftables nftables, NetlinkSocket questions);
  // Builds the parts that need the host's name.
  void StartToAnswer();
  void ServeMetrics();

  // RevisionListener
  void Applied(const v1::Receipt& receipt) override;
  void Refused(const v1::Refusal& refusal) override;
  void Enforced(const v1::EffectivePolicy& policy) override;
  void SwitchEnded(const v1::LocalSwitch& ended, const std::string& why) override;
  void SwitchesLost(const std::string& why) override;
  void MappingsLeftOut(const std::string& why) override;
  void Expired() override;
  // Locator::Listener
  void Moved(const Locator::Move& move) override;
  void LocationRefused(const v1::LocationEvent& event) override;
  // Recording::Listener, and whatever else sends messages. Drops the message while there is no
  // stream.
  void Send(v1::AgentMessage message) override;
  // Recording::Listener, DriftGuard::Listener, StackGuard::Listener, FlowTableWatch::Listener:
  // sends the facts if they differ from those that were sent last. Call it whenever they may have
  // changed: what is lost with a stream is in the next stream's Hello.
  void FactsChanged() override;
  // DriftGuard::Listener
  absl::StatusOr<Enforcer::Outcome> UndoForeignChanges() override;
  void OtherTablesChanged() override;
  // StackGuard::Listener
  void StackChanged(v1::StackEvent event) override;
  void PressureChanged(const StackPressure& pressure) override;
  // FlowTableWatch::Listener
  void FlowTableChanged(v1::FlowTableEvent event) override;
  // Uplink::Listener
  v1::Hello Greet() override;
  const Identity& identity() const override { return *identity_; }
  void Connected() override;
  void Received(v1::ControllerMessage message) override;
  void Disconnected(const absl::Status& why) override;

  void OnLinks();
  void OnStackWanted(const v1::Hardened& host, std::map<std::string, std::string> held_back);
  // Hears of the units that the policy in force names, and with which mappings end.
  void FollowUnits();
  void KeepEvent(const v1::LocationEvent& event);
  // This host's name; empty before it has enrolled.
  std::string Name() const;
  v1::Facts CollectFacts() const;
  v1::StatusAnswer MakeStatus() const;
  Stats MakeStats() const;
  void CheckRules();
  void KeepRenewed();

  const Options options_;
  const uint64_t instance_ = RandomEpoch();  // of this run
  StateDirectory& state_;
  EventLoop& loop_;
  std::optional<Links> links_;
  std::optional<RulesetEvents> ruleset_events_;
  std::vector<Link> last_links_;
  std::optional<UnitWatch> unit_watch_;  // none: the kernel has refused it
  std::string told_facts_;               // serialized: those that were sent last
  EventSpool events_;
  std::unique_ptr<Enforcer> enforcer_;
  std::unique_ptr<StackGuard> stack_guard_;
  std::unique_ptr<FlowTableWatch> flow_table_watch_;
  std::unique_ptr<KernelLeases> leases_;
  std::unique_ptr<Locator> locator_;
  std::unique_ptr<HostRules> rules_;
  std::unique_ptr<RevisionKeeper> keeper_;
  std::unique_ptr<Standalone> standalone_;  // null: the host has a controller
  // What the host had made for itself, until the controller's policy is in force in its place.
  std::optional<v1::EffectivePolicy> own_policy_;
  std::unique_ptr<Switcher> switcher_;
  std::unique_ptr<MappingDesk> mapping_desk_;
  FlowReaper flow_reaper_;
  bool moves_told_ = true;
  std::unique_ptr<ConflictWatch> conflict_watch_;
  std::unique_ptr<DriftGuard> drift_guard_;
  std::optional<Identity> identity_;
  ControllerAddress controller_;
  Reacher reacher_;
  std::unique_ptr<Renewer> renewer_;
  std::function<void()> refused_by_controller_;
  Answerers answerers_;
  BackgroundAnswers background_answers_;
  absl::Status connection_ended_;  // why there is no stream, if there was one
  absl::Time connection_changed_at_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<LocalServer> local_server_;
  uint64_t refused_ = 0;  // for metrics, as the next
  uint64_t undone_ = 0;
  std::unique_ptr<MetricsServer> metrics_;
  std::unique_ptr<Uplink> uplink_;
  std::unique_ptr<Recording> recording_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_AGENT_H_
