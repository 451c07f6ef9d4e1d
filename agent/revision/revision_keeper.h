// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_REVISION_KEEPER_H_
#define FIREBREAK_AGENT_REVISION_REVISION_KEEPER_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/links/links.h"
#include "agent/loop/event_loop.h"
#include "agent/loop/poster.h"
#include "agent/revision/host_rules.h"
#include "agent/revision/kept_policy.h"
#include "agent/revision/lifecycle.h"
#include "agent/state/state_directory.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/fleet.pb.h"
#include "policy/merge/local_switch.h"

namespace firebreak::agent {

// What a RevisionKeeper tells. Each call is posted to the loop, never made from within a call of
// the keeper's, and they come in the order of what they tell.
class RevisionListener {
 public:
  virtual ~RevisionListener() = default;
  // The revision is in force and has proven good, or its receipt has changed.
  virtual void Applied(const v1::Receipt& receipt) = 0;
  // It is not in force; the one before it is.
  virtual void Refused(const v1::Refusal& refusal) = 0;
  // The kernel has the rules of this policy; the sets of its locations may be new and empty.
  virtual void Enforced(const v1::EffectivePolicy& policy) = 0;
  // The fleet's policy does not let this hold any longer, and why.
  virtual void SwitchEnded(const v1::LocalSwitch& ended, const std::string& why) = 0;
  // What the host's own administrator had switched is lost, so that the fleet's policy holds.
  virtual void SwitchesLost(const std::string& why) = 0;
  // The policy in force cannot be enforced with the mappings that the host itself has opened, and
  // is enforced without them.
  virtual void MappingsLeftOut(const std::string& why) = 0;
  // A mapping of the policy in force has expired: flows that it let begin are to end.
  virtual void Expired() = 0;
};

// The way to the controller, as it is proven.
class ControllerReach {
 public:
  virtual ~ControllerReach() = default;
  // Ends those flows of the host that its rules would not let begin, and calls back, later and on
  // the loop's thread, with what goes on to help the host to reach its controller. A newer call
  // replaces an older one.
  virtual void EndForbiddenFlows(std::function<void(lifecycle::Help)> done) = 0;
  // Opens a new connection to the controller and calls back once, later and on the loop's thread. A
  // newer call replaces an older one, whose callback then never comes.
  virtual void Reach(uint64_t revision, absl::Duration timeout,
                     std::function<void(lifecycle::Reached)> done) = 0;
  virtual void StopReaching() = 0;
};

// Which revision is in force on this host, and that it never locks its operator out: performs what
// agent/revision/lifecycle.h decides, on the disk, in the kernel and towards the controller.
//
// Threading: on the event loop's thread.
class RevisionKeeper {
 public:
  // All that is given by reference must outlive the keeper.
  RevisionKeeper(StateDirectory& disk, EventLoop& loop, HostRules& rules,
                 absl::Duration reach_timeout, ControllerReach& controller,
                 RevisionListener& listener);
  ~RevisionKeeper();
  RevisionKeeper(const RevisionKeeper&) = delete;
  RevisionKeeper& operator=(const RevisionKeeper&) = delete;

  // Enforces what the disk has: the trial if the kernel has it too, as it does when only the agent
  // was gone; else the good one. An error: the host is not protected as it should be, and it is
  // tried again while the loop runs, then told as applied.
  // `standalone`: the host has no controller. What was refused under other circumstances is
  // forgotten.
  absl::Status Start(std::vector<Link> links, bool standalone = false);

  // Applies it, sooner or later told as applied or refused, unless a newer one comes before.
  // FailedPrecondition: the push leaves out a policy that this host does not have.
  absl::Status Take(v1::Push push);
  // Applies what the host has made for itself, which `proof` is needed for.
  void TakeOwn(v1::Push push, const lifecycle::Proof& proof);
  // A person has decided about the revision that waits for it; see lifecycle::Decided.
  void Decide(lifecycle::Decided decided) { Handle(std::move(decided)); }
  // How long a person still has to confirm the trial; nullopt: none waits for a person.
  std::optional<absl::Duration> UntilConfirmed() const;

  // The controller has taken this host's stream, or the stream has ended.
  void StreamChanged(bool connected) { Handle(lifecycle::StreamChanged{connected}); }

  // Interfaces came, went or changed: rules that depend on them follow.
  void LinksChanged(std::vector<Link> links);
  // A flood of connection requests has begun or ended, or queues of connections are too short.
  void PressureChanged(const StackPressure& pressure);
  // Interfaces are elsewhere than they were: the receipt says so. The rules have it already, but
  // for what holds for the host as a whole.
  void LocationsChanged();
  // A unit, a user or a group that mappings name may be another one than before.
  void SendersChanged() { FollowTime(); }
  // The senders that the policy in force names and that are nobody on this host, each with the
  // reason.
  const std::vector<std::string>& UnknownSenders() const { return rules_.unknown_senders(); }
  // Whether flows of the interface go on that this location would not let begin.
  bool KeepsFlows(const std::string& interface_name, const std::string& location) const;

  // What the host's own administrator has switched, on top of the policy in force.
  const v1::LocalSwitches& switches() const { return switches_; }
  // Whether the policy in force lets him; see PermissionFor.
  policy::LocalPermission PermissionFor(const v1::LocalSwitch& wanted) const;
  // On the disk and in the kernel, or neither. FailedPrecondition: no policy selects the host.
  absl::Status SetSwitches(v1::LocalSwitches switches);

  // The mappings that the host itself has opened, on top of the policy in force, and those that are
  // asked for.
  const v1::LocalMappings& mappings() const { return mappings_; }
  // Before Start: as they are on the disk.
  void UseMappings(v1::LocalMappings mappings) { mappings_ = std::move(mappings); }
  // On the disk and in the kernel, or neither. Flows that an open mapping let begin end with it.
  // FailedPrecondition: one is to be opened, and no policy selects the host.
  absl::Status SetMappings(v1::LocalMappings mappings);

  // How the interfaces stand now, which a receipt tells as of when it was made; none if no policy
  // selects the host.
  std::vector<v1::InterfaceState> InterfaceStates() const;

  // Somebody else may have changed our table: undoes it if so.
  absl::StatusOr<Enforcer::Outcome> UndoForeignChanges();

  // The receipt of the last revision that proved good, if the kernel had it.
  std::optional<v1::Receipt> receipt() const;
  // What was refused or undone since.
  const std::optional<v1::Refusal>& refusal() const { return refusal_; }
  // What the kernel is to have, the host's own switches included; not managed: nothing.
  const v1::EffectivePolicy& PolicyInForce() const { return policy_.Get(); }
  bool on_trial() const { return lifecycle::OnTrial(state_); }
  // The number of the revision in force; 0: there is none.
  uint64_t RevisionInForce() const;
  // Whether the host has made the revision in force for itself.
  bool IsStandaloneInForce() const;

  absl::StatusOr<ruleset::Ruleset> ReadRules() { return rules_.Read(); }
  // What the rules know of this host's interfaces.
  std::vector<policy::Interface> Interfaces() const { return rules_.Interfaces(); }
  // Which mapping of the policy an element of its rules stands for; it points into the policy.
  policy::Origins OriginsOf(const v1::EffectivePolicy& policy) const {
    return rules_.OriginsOf(policy);
  }

 private:
  // A revision that the state speaks of.
  struct Held {
    v1::Push push;
    v1::Receipt receipt;  // without a revision until it was enforced
  };
  // One that was read, checked and compiled, and is about to be enforced.
  struct Prepared {
    lifecycle::Revision revision;
    v1::EffectivePolicy policy;
    ruleset::Ruleset rules;
    std::optional<EventLoop::Clock::time_point> arrival;  // none: it is from the disk
  };
  using Target = std::variant<lifecycle::Nothing, lifecycle::Shut, lifecycle::Revision>;

  // Steps until there is nothing more to do at once.
  void Handle(lifecycle::Event event);
  // Returns the outcome of an action that the state waits for.
  std::optional<lifecycle::Event> Perform(const lifecycle::Action& action);
  std::optional<lifecycle::Event> Do(const lifecycle::Write& action);
  std::optional<lifecycle::Event> Do(const lifecycle::Enforce& action);
  std::optional<lifecycle::Event> Do(const lifecycle::Rewrite& action);
  std::optional<lifecycle::Event> Do(const lifecycle::PromoteTrial& action);
  std::optional<lifecycle::Event> Do(const lifecycle::DeleteTrial& action);
  std::optional<lifecycle::Event> Do(const lifecycle::KeepFallback& action);
  std::optional<lifecycle::Event> Do(const lifecycle::TakeFallback& action);
  std::optional<lifecycle::Event> Do(const lifecycle::DeleteFallback& action);
  std::optional<lifecycle::Event> Do(const lifecycle::EndForbiddenFlows& action);
  std::optional<lifecycle::Event> Do(const lifecycle::Reach& action);
  std::optional<lifecycle::Event> Do(const lifecycle::StopReaching& action);
  std::optional<lifecycle::Event> Do(const lifecycle::TryAgain& action);
  std::optional<lifecycle::Event> Do(const lifecycle::TellApplied& action);
  std::optional<lifecycle::Event> Do(const lifecycle::TellRefused& action);
  std::optional<lifecycle::Event> Do(const lifecycle::ForgetRefusal& action);

  // Whether the rules let this host ask for the time.
  bool LetsAskForTime() const;
  lifecycle::Event Prepare(const v1::Push& push, bool again, const lifecycle::Proof& proof = {});
  absl::Status PrepareCompiled(lifecycle::Revision& revision, v1::EffectivePolicy policy,
                               std::optional<EventLoop::Clock::time_point> arrival);
  absl::Status WriteTo(lifecycle::File file, const lifecycle::Revision& revision);
  absl::StatusOr<Enforcer::Outcome> EnforceTarget(const Target& target);
  absl::StatusOr<Enforcer::Outcome> EnforceInForce();
  void NoteInReceipt(const lifecycle::Revision& revision, const Enforcer::Outcome& outcome);

  absl::StatusOr<v1::EffectivePolicy> Read(const v1::Push& push) const;
  // Holds it if it can be read, and says what it is.
  std::optional<lifecycle::Revision> HoldFromDisk(std::optional<v1::Push> push);
  void FindFallback(lifecycle::Found& found);
  lifecycle::Found::Kernel CompareKernel(const lifecycle::Revision& trial);

  Held* Find(const lifecycle::Revision& revision);
  const Held* Find(const lifecycle::Revision& revision) const;
  Held& Hold(v1::Push push);
  void LetGo();
  void SetTimer();

  // Calls `exchange`, which puts on the disk, and into this object, what the host itself has set in
  // place of what was there, and enforces that; calls it once more if that fails.
  absl::Status EnforceAfter(absl::FunctionRef<absl::Status()> exchange);
  absl::StatusOr<Enforcer::Outcome> RestoreRules();
  // The policy in force in rules made anew, and the receipt after them.
  absl::Status Renew();
  void FollowHostLocation();
  // The rules follow the clock and whoever sends on this host.
  void FollowTime();
  void SetOutdatedTimer(absl::Duration least = absl::Milliseconds(100));
  // Fills in what changes after the receipt was made: the interfaces, and what is in doubt.
  void Describe(v1::Receipt& receipt) const;
  void UpdateReceipt();
  void EndForbiddenSwitches();
  void TellEnforced();
  void ReadSwitches();

  StateDirectory& disk_;
  EventLoop& loop_;
  HostRules& rules_;
  ControllerReach& controller_;
  RevisionListener& listener_;

  lifecycle::State state_;
  std::list<Held> held_;
  std::optional<Prepared> prepared_;
  absl::Status enforced_;  // of the last attempt
  KeptPolicy policy_;
  v1::LocalSwitches switches_;
  v1::LocalMappings mappings_;
  std::optional<v1::Refusal> refusal_;
  uint64_t flow_looks_ = 0;  // how often flows were to be ended
  bool standalone_ = false;
  bool behind_links_ = false;  // the kernel did not take the rules for them
  EventLoop::Timer timer_ = 0;
  EventLoop::Timer outdated_timer_ = 0;
  Poster poster_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REVISION_REVISION_KEEPER_H_
