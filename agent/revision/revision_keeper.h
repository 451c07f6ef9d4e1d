#ifndef FIREBREAK_AGENT_REVISION_REVISION_KEEPER_H_
#define FIREBREAK_AGENT_REVISION_REVISION_KEEPER_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/links/links.h"
#include "agent/loop/event_loop.h"
#include "agent/revision/host_rules.h"
#include "agent/state/state_directory.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/fleet.pb.h"
#include "policy/merge/local_switch.h"

namespace firebreak::agent {

// Which revision is in force on this host, and that it never locks its operator out.
//
// A revision that changes the kernel's rules is on trial until a new connection to the controller
// could be opened under it. A trial that fails is undone. Before the kernel sees a revision it is
// on the disk, as a trial or as the good one, so that an agent that dies at any moment finds, when
// it comes back, what the kernel has.
//
// Threading: on the event loop's thread.
class RevisionKeeper {
 public:
  struct Outside {
    // The revision is in force and has proven good.
    std::function<void(const v1::Receipt&)> applied;
    // It is not; the one before it is.
    std::function<void(const v1::Refusal&)> refused;
    // Opens a new connection to the controller and calls back once, on the loop's thread. A newer
    // call replaces an older one, whose callback then never comes.
    std::function<void(uint64_t revision, absl::Duration timeout,
                       std::function<void(absl::Status)> done)>
        reach;
    // The kernel has the rules of this policy now; the sets of its locations may be new and empty.
    // Not yet a time to ask for a receipt.
    std::function<void(const v1::EffectivePolicy&)> enforced = [](const auto&) {};
    // Fills in where the interface with this name is, and the evidence.
    std::function<void(v1::InterfaceState&)> locate = [](auto&) {};
    // The fleet's policy does not let this hold any longer, and why.
    std::function<void(const v1::LocalSwitch&, const std::string& why)> switch_ended =
        [](const auto&, const auto&) {};
  };

  // A trial lasts at most `reach_timeout`. `state` and `loop` must outlive the keeper.
  RevisionKeeper(StateDirectory& state, EventLoop& loop, Enforcer enforcer,
                 absl::Duration reach_timeout, Outside outside);
  ~RevisionKeeper();
  RevisionKeeper(const RevisionKeeper&) = delete;
  RevisionKeeper& operator=(const RevisionKeeper&) = delete;

  // Enforces what the disk has: the trial if the kernel has it too, as it does when only the agent
  // was gone; else the good one. An error: the host is not protected as it should be, and it is
  // tried again while the loop runs, then followed by a call of `applied`.
  absl::Status Start(std::vector<Link> links);

  // Applies it, sooner or later followed by one call of `applied` or `refused`, unless a newer one
  // comes before. FailedPrecondition: the push leaves out a policy that this host does not have.
  absl::Status Take(v1::Push push);

  // Interfaces came, went or changed: rules that depend on them follow.
  void LinksChanged(std::vector<Link> links);

  // Lets the kernel have the interface at the location for that long, or no longer. NotFound: the
  // policy in force has no such location.
  absl::Status PutLease(const std::string& location, uint32_t interface_index,
                        std::chrono::milliseconds lease) {
    return rules_.PutLease(location, interface_index, lease);
  }
  absl::Status EndLease(const std::string& location, uint32_t interface_index) {
    return rules_.EndLease(location, interface_index);
  }
  // Interfaces are elsewhere than they were: the receipt says so. The rules have it already, but
  // for what holds for the host as a whole.
  void LocationsChanged();
  // Whether flows of the interface go on that this location would not let begin.
  bool KeepsFlows(const std::string& interface_name, const std::string& location) const;

  // What the host's own administrator has switched, on top of the policy in force.
  const v1::LocalSwitches& switches() const { return switches_; }
  // Whether the policy in force lets him; see PermissionFor.
  policy::LocalPermission PermissionFor(const v1::LocalSwitch& wanted) const;
  // On the disk and in the kernel, or neither. FailedPrecondition: no policy selects the host.
  absl::Status SetSwitches(v1::LocalSwitches switches);

  // How the interfaces stand now, which a receipt tells as of when it was made; none if no policy
  // selects the host.
  std::vector<v1::InterfaceState> InterfaceStates() const;

  // Somebody else may have changed our table: undoes it if so.
  absl::StatusOr<Enforcer::Outcome> UndoForeignChanges();
  // Of the netlink socket that this host's own changes come through.
  uint32_t NetlinkPort() const { return rules_.kernel().port(); }

  // For the greeting of a new connection.
  const std::optional<v1::Receipt>& receipt() const { return receipt_; }
  std::optional<v1::Refusal> TakeStandingRefusal();

  // For questions: what the kernel is to have (not managed: nothing), whether that is on trial, and
  // what was refused since.
  v1::EffectivePolicy PolicyInForce() const;
  bool on_trial() const { return trial_.has_value(); }
  const std::optional<v1::Refusal>& refusal() const { return refusal_; }

  absl::StatusOr<ruleset::Ruleset> ReadRules() { return rules_.kernel().Read(); }

  // The number of its revision; 0: there is none.
  uint64_t RevisionInForce() const { return in_force_.has_value() ? in_force_->revision() : 0; }
  // What the rules know of this host's interfaces.
  std::vector<policy::Interface> Interfaces() const { return rules_.Interfaces(); }
  // Which mapping of the policy an element of its rules stands for; it points into the policy.
  policy::Origins OriginsOf(const v1::EffectivePolicy& policy) const {
    return rules_.OriginsOf(policy);
  }

 private:
  struct Trial {
    EventLoop::Clock::time_point deadline;
    v1::Receipt receipt;  // to be given when the trial succeeds
    // What is restored if it does not; none: there was no policy.
    std::optional<v1::Push> good;
    std::optional<v1::Receipt> good_receipt;
  };

  // What the disk has, and what it says.
  struct Kept {
    v1::Push push;
    v1::EffectivePolicy policy;
  };

  absl::StatusOr<Enforcer::Outcome> RestoreRules();
  absl::Status GoOnWithTrial(Kept trial, const std::optional<Kept>& good);
  // That of in_force_; null: it cannot be read.
  absl::Status EnforceFromDisk(const v1::EffectivePolicy* policy);
  // No: the policy on the disk cannot be read, and the kernel's rules stay as they were found.
  bool KnowsWhatToEnforce() const { return in_force_.has_value() || shut_ || !state_.HasGood(); }
  // As it was pushed; and with what the host itself has switched.
  absl::StatusOr<v1::EffectivePolicy> ReadPushed(const v1::Push& push) const;
  absl::StatusOr<v1::EffectivePolicy> Read(const v1::Push& push) const;
  std::optional<Kept> IfItCanBeRead(std::optional<v1::Push> push) const;
  // None: no rules if there never was a policy; shut if there is one that cannot be read.
  absl::StatusOr<Enforcer::Outcome> Enforce(const std::optional<v1::Push>& push, bool same = false);
  // The kernel then has the policy's rules. `same`: it is the one that was in force.
  absl::StatusOr<Enforcer::Outcome> EnforcePolicy(const v1::EffectivePolicy& policy,
                                                  bool same = false);
  void SetInterfaces(const v1::EffectivePolicy& policy, v1::Receipt& receipt) const;
  void FollowHostLocation(const v1::EffectivePolicy& policy);
  v1::Receipt MakeReceipt(const v1::Push& push, const v1::EffectivePolicy& policy,
                          const Enforcer::Outcome& outcome) const;

  // The policy in force in rules made anew, and the receipt after them.
  absl::Status Renew(const v1::EffectivePolicy& policy);
  void EndForbiddenSwitches();

  absl::Status Apply(v1::Push push, EventLoop::Clock::time_point arrival, std::string& at_fault);
  void Settle(v1::Receipt receipt);
  void Refuse(const v1::Push& push, v1::Refusal::Kind kind, std::string reason,
              std::string resource);

  void BeginTrial(v1::Receipt receipt, std::optional<v1::Push> good,
                  std::optional<v1::Receipt> good_receipt);
  void TryToReach();
  void FinishTrial();
  void Undo(const absl::Status& last_error);
  void AskWhetherToBlame();
  void ForgetRefusal();

  StateDirectory& state_;
  EventLoop& loop_;
  const absl::Duration reach_timeout_;
  const Outside outside_;
  HostRules rules_;
  bool behind_links_ = false;  // the kernel did not take the rules for them

  v1::LocalSwitches switches_;
  bool shut_ = false;                   // without a policy that can be read, on purpose
  std::optional<v1::Push> in_force_;    // what the kernel has, good or on trial, or is to have
  std::optional<v1::Receipt> receipt_;  // of the last good one
  std::optional<v1::Refusal> refusal_;
  // Set while it is open whether an undone revision was at fault: if the controller cannot be
  // reached until then either, it may just have been away, and the revision may be tried again.
  std::optional<EventLoop::Clock::time_point> blame_until_;
  std::optional<Trial> trial_;
  EventLoop::Timer retry_ = 0;
  EventLoop::Timer start_retry_ = 0;
  std::chrono::seconds start_wait_{1};
  // While `enforced` is called, its argument: in_force_ may still be what was before.
  const v1::EffectivePolicy* telling_ = nullptr;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REVISION_REVISION_KEEPER_H_
