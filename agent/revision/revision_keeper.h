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
#include "policy/merge/profile.h"

namespace firebreak::agent {

// Receives reports of a RevisionKeeper. Each call is posted to the loop and never made from within
// a call to the keeper. The calls come in the order of the events.
class RevisionListener {
 public:
  virtual ~RevisionListener() = default;
  // The revision is in force and has proven good, or its receipt has changed.
  virtual void Applied(const v1::Receipt& receipt) = 0;
  // The revision is not in force; the one before it is.
  virtual void Refused(const v1::Refusal& refusal) = 0;
  // The kernel has the rules of this policy. The sets for its locations may be new and empty.
  virtual void Enforced(const v1::EffectivePolicy& policy) = 0;
  // The switch has ended because the fleet's policy no longer permits it; `why` says so.
  virtual void SwitchEnded(const v1::LocalSwitch& ended, const std::string& why) = 0;
  // The switches of the host's administrator were lost, so only the fleet's policy holds.
  virtual void SwitchesLost(const std::string& why) = 0;
  // The policy in force is enforced without the mappings that the host itself has opened, because
  // it cannot be enforced with them.
  virtual void MappingsLeftOut(const std::string& why) = 0;
  // A mapping of the policy in force has expired. The flows that it let begin must end.
  virtual void Expired() = 0;
};

// Proves that the controller can be reached.
class ControllerReach {
 public:
  virtual ~ControllerReach() = default;
  // Returns the controller's TCP port; 0 if it is not known.
  virtual uint16_t Port() const = 0;
  // Ends the flows of the host that its rules would not let begin. Calls back later, on the loop's
  // thread, with the flows that continue and may help the host to reach its controller. A newer
  // call replaces an older one.
  virtual void EndForbiddenFlows(std::function<void(lifecycle::Help)> done) = 0;
  // Opens a new connection to the controller and calls back once, later and on the loop's thread. A
  // newer call replaces an older one, whose callback then never comes.
  virtual void Reach(uint64_t revision, absl::Duration timeout,
                     std::function<void(lifecycle::Reached)> done) = 0;
  virtual void StopReaching() = 0;
};

// Decides which revision is in force on this host, and makes sure that no revision locks the
// operator out. Performs what agent/revision/lifecycle.h decides: on the disk, in the kernel and
// towards the controller.
//
// Threading: on the event loop's thread.
class RevisionKeeper {
 public:
  // All arguments given by reference must outlive the keeper.
  RevisionKeeper(StateDirectory& disk, EventLoop& loop, HostRules& rules,
                 absl::Duration reach_timeout, ControllerReach& controller,
                 RevisionListener& listener);
  ~RevisionKeeper();
  RevisionKeeper(const RevisionKeeper&) = delete;
  RevisionKeeper& operator=(const RevisionKeeper&) = delete;

  // Enforces a revision from the disk: the trial if the kernel has its rules too, as after a crash
  // of the agent, else the good revision. On an error the host is not protected as it should be;
  // the keeper tries again while the loop runs, and then reports the revision as applied.
  // With `standalone` the host has no controller. Refusals from the time with a controller, or
  // without, are then forgotten.
  absl::Status Start(std::vector<Link> links, bool standalone = false);

  // Applies the push. It is reported later as applied or refused, unless a newer push comes first.
  // Returns FailedPrecondition if the push leaves out its policy and this host does not have that
  // policy.
  absl::Status Take(v1::Push push);
  // Applies a push that the host has made for itself. `proof` says what makes it stay.
  void TakeOwn(v1::Push push, const lifecycle::Proof& proof);
  // Takes a person's decision about the revision that waits for it; see lifecycle::Decided.
  void Decide(lifecycle::Decided decided) { Handle(std::move(decided)); }
  // Returns how long a person still has to confirm the trial; nullopt if none waits for a person.
  std::optional<absl::Duration> UntilConfirmed() const;

  // The controller has taken this host's stream, or the stream has ended.
  void StreamChanged(bool connected) { Handle(lifecycle::StreamChanged{connected}); }

  // Interfaces were added, removed or changed; rules that depend on them follow.
  void LinksChanged(std::vector<Link> links);
  // An attack has begun or ended, or the queues' limits have changed.
  void PressureChanged(const StackPressure& pressure);
  // Interfaces have changed their locations. Updates the receipt and the settings of the whole
  // host; the sets in the rules are up to date already.
  void LocationsChanged();
  // A unit, user or group that mappings name may have changed.
  void SendersChanged() { FollowTime(); }
  // Returns the senders that the policy in force names and that do not exist on this host, each
  // with the reason.
  const std::vector<std::string>& UnknownSenders() const { return rules_.unknown_senders(); }
  // Whether flows of the interface continue although the rules at this location would not let them
  // begin.
  bool KeepsFlows(const std::string& interface_name, const std::string& location) const;

  // The switches of the host's administrator, in addition to the policy in force.
  const v1::LocalSwitches& switches() const { return switches_; }
  // Returns the switches about ICMP and the log that the policy in force permits.
  std::vector<v1::LocalSwitch> Options() const;
  // Whether the policy in force permits the switch; see policy::PermissionFor.
  policy::LocalPermission PermissionFor(const v1::LocalSwitch& wanted) const;
  // Sets the switches both on the disk and in the kernel, or in neither. Returns FailedPrecondition
  // if no policy selects the host.
  absl::Status SetSwitches(v1::LocalSwitches switches);

  // The mappings that the host itself has opened in addition to the policy in force, and requests
  // for mappings.
  const v1::LocalMappings& mappings() const { return mappings_; }
  // Sets the mappings read from the disk. Must be called before Start.
  void UseMappings(v1::LocalMappings mappings) { mappings_ = std::move(mappings); }
  // Sets the mappings both on the disk and in the kernel, or in neither. Flows of mappings that are
  // no longer open end. Returns FailedPrecondition if a mapping is to be opened and no policy
  // selects the host.
  absl::Status SetMappings(v1::LocalMappings mappings);

  // Returns the present state of the interfaces, while a receipt has the state at its time. Empty
  // if no policy selects the host.
  std::vector<v1::InterfaceState> InterfaceStates() const;

  // Undoes changes that others may have made to our table.
  absl::StatusOr<Enforcer::Outcome> UndoForeignChanges();

  // Returns the receipt of the last revision that proved good, if the kernel has had it.
  std::optional<v1::Receipt> receipt() const;
  // The last refusal or undo since then.
  const std::optional<v1::Refusal>& refusal() const { return refusal_; }
  // The policy that the kernel is to have, including the host's own switches. Nothing if it is not
  // managed.
  const v1::EffectivePolicy& PolicyInForce() const { return policy_.Get(); }
  bool on_trial() const { return lifecycle::OnTrial(state_); }
  // Returns the number of the revision in force; 0 if there is none.
  uint64_t RevisionInForce() const;
  // Whether the host has made the revision in force for itself.
  bool IsStandaloneInForce() const;

  absl::StatusOr<ruleset::Ruleset> ReadRules() { return rules_.Read(); }
  // Returns the interfaces as rules see them.
  std::vector<policy::Interface> Interfaces() const { return rules_.Interfaces(); }
  // Returns the mapping behind each element of the policy's rules. The pointers point into
  // `policy`.
  policy::Origins OriginsOf(const v1::EffectivePolicy& policy) const {
    return rules_.OriginsOf(policy);
  }

 private:
  // A revision that the state refers to.
  struct Held {
    v1::Push push;
    v1::Receipt receipt;  // has no revision until it was enforced
  };
  // A revision that was read, checked and compiled, and is about to be enforced.
  struct Prepared {
    lifecycle::Revision revision;
    v1::EffectivePolicy policy;
    ruleset::Ruleset rules;
    std::optional<EventLoop::Clock::time_point> arrival;  // none: read from the disk
  };
  using Target = std::variant<lifecycle::Nothing, lifecycle::Shut, lifecycle::Revision>;

  // Handles the event and the events that follow from it at once.
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

  // Whether the rules do so for any interface that leads out of the host.
  bool AtAnyInterface(const std::function<bool(const policy::Profile&)>& holds) const;
  // Whether the rules let this host ask for the time.
  bool LetsAskForTime() const;
  // Whether the rules let this host reach its controller only because of mappings that expire.
  bool LetsReachForNow() const;
  lifecycle::Event Prepare(const v1::Push& push, bool again, const lifecycle::Proof& proof = {});
  absl::Status PrepareCompiled(lifecycle::Revision& revision, v1::EffectivePolicy policy,
                               std::optional<EventLoop::Clock::time_point> arrival);
  absl::Status WriteTo(lifecycle::File file, const lifecycle::Revision& revision);
  absl::StatusOr<Enforcer::Outcome> EnforceTarget(const Target& target);
  absl::StatusOr<Enforcer::Outcome> EnforceInForce();
  void NoteInReceipt(const lifecycle::Revision& revision, const Enforcer::Outcome& outcome);

  absl::StatusOr<v1::EffectivePolicy> Read(const v1::Push& push) const;
  // Holds the push if it can be read, and returns its revision.
  std::optional<lifecycle::Revision> HoldFromDisk(std::optional<v1::Push> push);
  void FindFallback(lifecycle::Found& found);
  lifecycle::Found::Kernel CompareKernel(const lifecycle::Revision& trial);

  Held* Find(const lifecycle::Revision& revision);
  const Held* Find(const lifecycle::Revision& revision) const;
  Held& Hold(v1::Push push);
  void LetGo();
  void SetTimer();

  // Calls `exchange`, which swaps the host's own settings in this object and on the disk with new
  // ones, and enforces the result. If that fails, calls `exchange` again to swap back.
  absl::Status EnforceAfter(absl::FunctionRef<absl::Status()> exchange);
  absl::StatusOr<Enforcer::Outcome> RestoreRules();
  // Compiles and enforces the policy in force again, and updates the receipt.
  absl::Status Renew();
  void FollowHostLocation();
  // Makes the rules follow the clock and the senders on this host.
  void FollowTime();
  void SetOutdatedTimer(absl::Duration least = absl::Milliseconds(100));
  // Fills in the parts of a receipt that change later: the interfaces, and what is in doubt.
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
  absl::Status enforced_;  // the outcome of the last attempt
  KeptPolicy policy_;
  v1::LocalSwitches switches_;
  v1::LocalMappings mappings_;
  std::optional<v1::Refusal> refusal_;
  uint64_t flow_looks_ = 0;  // how often EndForbiddenFlows was called
  bool standalone_ = false;
  bool behind_links_ = false;  // the kernel refused the rules for the present links
  EventLoop::Timer timer_ = 0;
  EventLoop::Timer outdated_timer_ = 0;
  Poster poster_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REVISION_REVISION_KEEPER_H_
