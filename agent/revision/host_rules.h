// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_HOST_RULES_H_
#define FIREBREAK_AGENT_REVISION_HOST_RULES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/enforce/enforcer.h"
#include "agent/hardening/host_hardening.h"
#include "agent/kernel/links/links.h"
#include "agent/location/interface_locations.h"
#include "agent/senders/senders.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"
#include "firebreak/v1/state.pb.h"
#include "policy/compile/compile.h"
#include "policy/merge/expiring.h"

namespace firebreak::agent {

// What a policy is on this host, with the interfaces that it has and where they are: rules in the
// kernel, and a state for each interface.
//
// Threading: one thread at a time.
class HostRules {
 public:
  // Both must outlive it.
  HostRules(Enforcer& enforcer, const InterfaceLocations& locations)
      : enforcer_(enforcer), locations_(locations) {}

  void SetLinks(std::vector<Link> links) { links_ = std::move(links); }
  // What is asked of the stack beside the policy. Returns whether rules depend on what changed.
  bool SetPressure(const StackPressure& pressure);
  // Called behind whatever changed what is asked of the TCP/IP stack.
  using StackListener =
      std::function<void(const v1::Hardened&, std::map<std::string, std::string> held_back)>;
  void SetStackListener(StackListener listener) { stack_listener_ = std::move(listener); }
  // Settings of the stack alone, under the policy.
  absl::Status EnforceStack(const v1::EffectivePolicy& policy);

  // What rules depend on of them, loopback left out.
  std::vector<policy::Interface> Interfaces() const;

  // The location whose settings hold for the whole host.
  const v1::EffectiveLocation& HostLocation(const v1::EffectivePolicy& policy) const;
  // Whether the settings in force for the whole host, and those of its TCP/IP stack, are those of
  // that location and of where its interfaces are.
  bool MatchHostLocation(const v1::EffectivePolicy& policy) const;

  // What of this host, beside its interfaces, its rules are made from.
  policy::CompileOptions CompileOptions(const v1::EffectivePolicy& policy,
                                        policy::Senders senders) const;
  // Without the mappings that have expired.
  absl::StatusOr<ruleset::Ruleset> Compile(const v1::EffectivePolicy& policy) const;
  // Whether the policy's rules would be others now than when they were last enforced, because a
  // mapping has expired, or because a user, a group or a unit that it names is another one.
  bool IsOutdated(const v1::EffectivePolicy& policy) const;
  // When to ask that; none: nothing that was enforced last changes by itself.
  std::optional<absl::Duration> UntilOutdated() const;
  // The senders that mappings of the rules enforced last name and that are nobody on this host,
  // each with the reason.
  const std::vector<std::string>& unknown_senders() const { return unknown_senders_; }
  // Which mapping an element of those rules stands for; it points into the policy.
  policy::Origins OriginsOf(const v1::EffectivePolicy& policy) const;
  // The kernel then has these rules, which were compiled from the policy; see Enforcer::Enforce.
  absl::StatusOr<Enforcer::Outcome> Enforce(const v1::EffectivePolicy& policy,
                                            const ruleset::Ruleset& rules);
  // The kernel has again what was enforced last; see Enforcer::Restore.
  absl::StatusOr<Enforcer::Outcome> Restore() { return enforcer_.Restore(); }
  absl::StatusOr<ruleset::Ruleset> Read() { return enforcer_.Read(); }
  // Which mapping of which policy the kernel refused; empty if that cannot be told.
  std::string ResourceAtFault(const v1::EffectivePolicy& policy, const absl::Status& refused) const;

  // Returns how each interface stands under the policy, which has the switches in it.
  std::vector<v1::InterfaceState> States(const v1::EffectivePolicy& policy,
                                         const v1::LocalSwitches& switches) const;

  // No interface is at any location, whoever put it there; and those that were put there hold
  // again.
  absl::Status EmptyLocations() { return enforcer_.EmptyStateSets(); }
  absl::StatusOr<uint32_t> RestoreLocations() { return enforcer_.RestoreElements(); }

 private:
  HostHardening StackUnder(const v1::EffectivePolicy& policy) const;
  void TellStack(const v1::EffectivePolicy& policy);
  void NoteSenders(const v1::EffectivePolicy& policy);

  Enforcer& enforcer_;
  const InterfaceLocations& locations_;
  std::vector<Link> links_;
  std::string host_settings_;  // serialized: those in force
  // What the rules that were enforced last depend on.
  policy::Expiry expiry_;
  policy::Senders senders_;
  bool names_senders_ = false;
  std::vector<std::string> unknown_senders_;
  // When the oldest of the rules was compiled that may be enforced next.
  mutable std::optional<int64_t> compiled_at_;
  // Who these senders were when the oldest of the rules that name them was compiled.
  struct CompiledFor {
    SenderNames names;
    policy::Senders senders;
  };
  mutable std::optional<CompiledFor> compiled_for_;
  StackPressure pressure_;
  HostHardening stack_;  // in force
  StackListener stack_listener_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REVISION_HOST_RULES_H_
