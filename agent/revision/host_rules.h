#ifndef FIREBREAK_AGENT_REVISION_HOST_RULES_H_
#define FIREBREAK_AGENT_REVISION_HOST_RULES_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/links/links.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"
#include "firebreak/v1/state.pb.h"
#include "policy/compile/compile.h"

namespace firebreak::agent {

// What a policy is on this host, with the interfaces that it has and where they are: rules in the
// kernel, and a state for each interface.
//
// Threading: one thread at a time.
class HostRules {
 public:
  // `locate` fills in where the interface with this name is, and the evidence.
  HostRules(Enforcer enforcer, std::function<void(v1::InterfaceState&)> locate)
      : enforcer_(std::move(enforcer)), locate_(std::move(locate)) {}

  void SetLinks(std::vector<Link> links) { links_ = std::move(links); }
  // What rules depend on of them, loopback left out.
  std::vector<policy::Interface> Interfaces() const;

  // The location whose settings hold for the whole host.
  const v1::EffectiveLocation& HostLocation(const v1::EffectivePolicy& policy) const;
  // Whether the settings in force for the whole host are those of that location.
  bool MatchHostLocation(const v1::EffectivePolicy& policy) const;

  absl::StatusOr<ruleset::Ruleset> Compile(const v1::EffectivePolicy& policy) const;
  // Which mapping an element of those rules stands for; it points into the policy.
  policy::Origins OriginsOf(const v1::EffectivePolicy& policy) const;
  // The kernel then has the policy's rules; see Enforcer::Enforce.
  absl::StatusOr<Enforcer::Outcome> Enforce(const v1::EffectivePolicy& policy);
  // Which mapping of which policy the kernel refused; empty if that cannot be told.
  std::string ResourceAtFault(const v1::EffectivePolicy& policy, const absl::Status& refused) const;

  // Of each interface under the policy, which has the switches in it.
  std::vector<v1::InterfaceState> States(const v1::EffectivePolicy& policy,
                                         const v1::LocalSwitches& switches) const;

  // Lets the kernel have the interface at the location for that long, or no longer. NotFound: the
  // policy in force has no such location.
  absl::Status PutLease(const std::string& location, uint32_t interface_index,
                        std::chrono::milliseconds lease);
  absl::Status EndLease(const std::string& location, uint32_t interface_index);

  Enforcer& kernel() { return enforcer_; }
  const Enforcer& kernel() const { return enforcer_; }

 private:
  Enforcer enforcer_;
  const std::function<void(v1::InterfaceState&)> locate_;
  std::vector<Link> links_;
  std::string host_settings_;  // serialized: those in force
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REVISION_HOST_RULES_H_
