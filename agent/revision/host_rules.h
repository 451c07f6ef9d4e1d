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

// Turns a policy into this host's rules in the kernel and into a state for each interface, by the
// host's interfaces and their locations.
//
// Threading: one thread at a time.
class HostRules {
 public:
  // Both arguments must outlive this object.
  HostRules(Enforcer& enforcer, const InterfaceLocations& locations)
      : enforcer_(enforcer), locations_(locations) {}

  void SetLinks(std::vector<Link> links) { links_ = std::move(links); }
  // Sets what attacks and full queues demand in addition to the policy. Returns whether rules must
  // change.
  bool SetPressure(const StackPressure& pressure);
  // Called after anything that may have changed the sysctls for the TCP/IP stack.
  using StackListener =
      std::function<void(const v1::Hardened&, std::map<std::string, std::string> held_back)>;
  void SetStackListener(StackListener listener) { stack_listener_ = std::move(listener); }
  // Enforces the policy's TCP/IP stack settings only, and no rules.
  absl::Status EnforceStack(const v1::EffectivePolicy& policy);

  // Returns the properties of interfaces that rules depend on; loopback is left out.
  std::vector<policy::Interface> Interfaces() const;

  // Returns the location whose settings hold for the whole host.
  const v1::EffectiveLocation& HostLocation(const v1::EffectivePolicy& policy) const;
  // Whether the settings in force for the whole host and its TCP/IP stack match the host's present
  // location and its interfaces' locations.
  bool MatchHostLocation(const v1::EffectivePolicy& policy) const;

  // Returns what rules depend on besides the policy and the interfaces.
  policy::CompileOptions CompileOptions(const v1::EffectivePolicy& policy,
                                        policy::Senders senders) const;
  // Compiles the policy without its expired mappings.
  absl::StatusOr<ruleset::Ruleset> Compile(const v1::EffectivePolicy& policy) const;
  // Whether the policy would now compile to other rules than those last enforced, because a mapping
  // has expired, or because a user, group or unit that mappings name has changed.
  bool IsOutdated(const v1::EffectivePolicy& policy) const;
  // Returns when to call IsOutdated next; none if the rules last enforced do not depend on time or
  // senders.
  std::optional<absl::Duration> UntilOutdated() const;
  // The senders named by mappings of the rules last enforced that do not exist on this host, each
  // with the reason.
  const std::vector<std::string>& unknown_senders() const { return unknown_senders_; }
  // Returns the mapping behind each element of these rules. The pointers point into `policy`.
  policy::Origins OriginsOf(const v1::EffectivePolicy& policy) const;
  // Puts rules into the kernel that were compiled from the policy; see Enforcer::Enforce.
  absl::StatusOr<Enforcer::Outcome> Enforce(const v1::EffectivePolicy& policy,
                                            const ruleset::Ruleset& rules);
  // Restores in the kernel what was last enforced; see Enforcer::Restore.
  absl::StatusOr<Enforcer::Outcome> Restore() { return enforcer_.Restore(); }
  absl::StatusOr<ruleset::Ruleset> Read() { return enforcer_.Read(); }
  // Returns the policy and mapping that the kernel refused; empty if unknown.
  std::string ResourceAtFault(const v1::EffectivePolicy& policy, const absl::Status& refused) const;

  // Returns the state of each interface under the policy, which must contain the switches.
  std::vector<v1::InterfaceState> States(const v1::EffectivePolicy& policy,
                                         const v1::LocalSwitches& switches) const;

  // EmptyLocations removes all interfaces from all locations in the kernel, whoever put them there.
  // RestoreLocations puts back those that this agent had put there.
  absl::Status EmptyLocations() { return enforcer_.EmptyStateSets(); }
  absl::StatusOr<uint32_t> RestoreLocations() { return enforcer_.RestoreElements(); }

 private:
  HostHardening StackUnder(const v1::EffectivePolicy& policy) const;
  void TellStack(const v1::EffectivePolicy& policy);
  void NoteSenders(const v1::EffectivePolicy& policy);

  Enforcer& enforcer_;
  const InterfaceLocations& locations_;
  std::vector<Link> links_;
  std::string host_settings_;  // serialized, those in force
  // Properties of the rules last enforced.
  policy::Expiry expiry_;
  policy::Senders senders_;
  bool names_senders_ = false;
  std::vector<std::string> unknown_senders_;
  // When the rules were compiled that may be enforced next; if there are several, the oldest.
  mutable std::optional<int64_t> compiled_at_;
  // The senders that the oldest rules not yet enforced were compiled for.
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
