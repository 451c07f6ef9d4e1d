// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/explain.h"

// glibc's headers must come before the kernel's, which then leave out what both define.
#include <string.h>

#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/address/address.h"
#include "policy/compile/chain_names.h"
#include "policy/merge/profile.h"
#include "policy/resources/elsewhere.h"
#include "policy/ruleset/print.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

const char* StateName(uint32_t state) {
  if (state == NF_CT_STATE_BIT(IP_CT_NEW)) return "new";
  if (state == NF_CT_STATE_BIT(IP_CT_ESTABLISHED)) return "established";
  if (state == NF_CT_STATE_BIT(IP_CT_RELATED)) return "related";
  if (state == NF_CT_STATE_INVALID_BIT) return "invalid";
  return state == NF_CT_STATE_UNTRACKED_BIT ? "untracked" : "";
}

const char* VerdictName(Trace::Verdict verdict) {
  switch (verdict) {
    case Trace::Verdict::kAccept: return "accept";
    case Trace::Verdict::kDrop: return "drop";
    case Trace::Verdict::kHold: return "hold";
    case Trace::Verdict::kAnswer: return "answer";
  }
  return "";
}

// Returns the reason in the name of a chain that refuses packets; empty for other chains.
std::string RefusalIn(const std::string& chain) {
  absl::string_view reason = chain;
  if (!absl::ConsumePrefix(&reason, kRefusalPrefix) &&
      !absl::ConsumePrefix(&reason, kObservedPrefix)) {
    return "";
  }
  return std::string(reason);
}

// Returns a half sentence that explains the reason.
const char* DetailOf(absl::string_view reason) {
  constexpr std::pair<absl::string_view, const char*> kDetails[] = {
      {"source-routed", "its sender has chosen its way, and the policy's hardening drops such"},
      {"mask-request",
       "it asks for the network's address mask, and the policy's hardening drops "
       "such"},
      {"mask-reply", "it tells the network's address mask, and the policy's hardening drops such"},
      {"sent-redirect",
       "it tells a peer another way, and the policy's hardening lets no redirect out"},
      {"name-release", "it asks to give up a NetBIOS name, and the policy's hardening drops such"},
      {"multicast-forward",
       "it is multicast for another network, and the policy's hardening drops "
       "such"},
      {"unsolicited", "nobody on this host asked for it, and nothing opens it"},
      {"blocked", "a mapping blocks it"},
      {"invalid", "it belongs to no connection, and could not begin one"},
      {"not-syn", "a TCP connection begins with a lone SYN"},
      {"impossible", "no sound sender makes such a combination of TCP flags"},
      {"spoofed", "its source address is not one that it can have"},
      {"outbound", "what leaves this host must be allowed, and nothing allows it"},
      {"icmp-error-out", "the policy's icmp does not let such errors out"},
      {"icmp-redirect", "the policy's icmp does not let redirects in"},
      {"multicast", "multicast of private hosts is not sent on"},
      {"forward", "what this host forwards must be allowed, and nothing allows it"},
      {"mapping", "a mapping opens it"},
      {"established", "it belongs to a connection that was let pass before"},
      {"related", "it is about a connection that was let pass, or was announced by one"},
      {"loopback", "what a host sends to itself is not filtered"},
      {"essential", "IPv6 does not work without"},
      {"firewall-off", "the firewall is off on this interface"},
      {"unmanaged", "no policy selects the host: there are no rules"},
      {"proxied", "the kernel answers it, and lets the service know when the handshake is done"},
      {"allowed", "nothing forbids it"},
  };
  for (const auto& [name, detail] : kDetails) {
    if (name == reason) return detail;
  }
  return "";
}

std::string EndPoint(const Packet& packet, const Bytes& address, size_t port_offset) {
  if (!TracksPorts(packet.protocol) || packet.transport.size() < 4) return AddressText(address);
  return AddressAndPortText(address, Read16(packet.transport, port_offset));
}

class Explanation {
 public:
  Explanation(const Trace& trace, const Traced& traced) : trace_(trace), traced_(traced) {}

  v1::TraceAnswer Answer() && {
    answer_.set_verdict(VerdictName(trace_.verdict));
    answer_.set_hook(trace_.hook);
    answer_.set_state(StateName(trace_.tracking.state));
    if (trace_.packet.in.has_value()) answer_.set_in_interface(trace_.packet.in->name);
    if (trace_.packet.out.has_value()) answer_.set_out_interface(trace_.packet.out->name);
    if (trace_.packet.family != 0) {
      answer_.set_source_after(EndPoint(trace_.packet, SourceOf(trace_.packet), 0));
      answer_.set_destination_after(EndPoint(trace_.packet, DestinationOf(trace_.packet), 2));
    }
    FindPlace();
    for (const Trace::Step& step : trace_.steps) *answer_.add_steps() = Step(step);
    if (!traced_.policy.managed()) {
      Give("unmanaged");
    } else if (!trace_.why.empty()) {
      answer_.set_reason(trace_.verdict == Trace::Verdict::kHold ? "fragment" : "kernel");
      answer_.set_detail(absl::StrCat("the kernel itself: ", trace_.why));
    } else if (trace_.decided.has_value()) {
      ExplainRule(*trace_.decided);
    } else {
      Give("allowed");
    }
    return std::move(answer_);
  }

 private:
  void Give(absl::string_view reason) {
    answer_.set_reason(std::string(reason));
    answer_.set_detail(DetailOf(reason));
    if (reason == "invalid" && !trace_.tracking.why.empty()) {
      answer_.set_detail(absl::StrCat(answer_.detail(), ": ", trace_.tracking.why));
    }
  }

  // Finds the location of the interface at which the packet is judged, and the interface's profile
  // there.
  void FindPlace() {
    if (!traced_.policy.managed() || !traced_.ruleset.inet.has_value()) return;
    const auto& device = trace_.packet.in.has_value() ? trace_.packet.in : trace_.packet.out;
    if (!device.has_value() || device->type == ARPHRD_LOOPBACK) return;
    const Bytes key(reinterpret_cast<const char*>(&device->index), sizeof device->index);
    const v1::EffectiveLocation* found = &traced_.policy.locations(0);
    for (const v1::EffectiveLocation& location : traced_.policy.locations()) {
      const auto set = traced_.ruleset.inet->sets.find(LocationSetName(location.name()));
      if (location.name() == kElsewhere || set == traced_.ruleset.inet->sets.end()) continue;
      const auto& elements = set->second.elements;
      const bool there =
          std::any_of(elements.begin(), elements.end(),
                      [&](const ruleset::Element& element) { return element.key() == key; });
      if (!there) continue;
      found = &location;
      break;
    }
    answer_.set_location(found->name());
    for (const Interface& interface : traced_.interfaces) {
      if (interface.name == device->name) {
        profile_ = ProfileOf(*found, interface.name, interface.type);
      }
    }
  }

  const ruleset::Chain* ChainOf(const Trace::Step& step) const {
    const auto& table = step.netdev ? traced_.ruleset.netdev : traced_.ruleset.inet;
    if (!table.has_value()) return nullptr;
    const auto chain = table->chains.find(step.rule.chain);
    return chain == table->chains.end() ? nullptr : &chain->second;
  }

  v1::TraceStep Step(const Trace::Step& step) const {
    v1::TraceStep result;
    result.set_hook(step.hook);
    result.set_chain(step.rule.chain);
    const ruleset::Chain* chain = ChainOf(step);
    if (!step.by_policy && chain != nullptr && step.rule.rule < chain->rules.size()) {
      result.set_rule(ruleset::PrintRule(chain->rules[step.rule.rule]));
    }
    if (step.rule.element.has_value()) {
      const auto& table = step.netdev ? traced_.ruleset.netdev : traced_.ruleset.inet;
      const auto set = table->sets.find(step.rule.map);
      if (set != table->sets.end()) {
        result.set_element(absl::StrCat("@", step.rule.map, " { ",
                                        ruleset::PrintElement(set->second, *step.rule.element),
                                        " }"));
      }
    }
    return result;
  }

  // Whether the step's rule matches conntrack's state.
  bool AsksForState(const Trace::Step& step) const {
    return absl::StrContains(Step(step).rule(), "ct state");
  }

  void ExplainRule(size_t decided) {
    const Trace::Step* step = &trace_.steps[decided];
    const std::string refusal = RefusalIn(step->rule.chain);
    answer_.set_observed(IsObserved(trace_));
    // The last chains, which count and drop, are shared by many rules. The step that led to them
    // explains more.
    while (decided > 0 && IsShared(trace_.steps[decided].rule.chain)) --decided;
    step = &trace_.steps[decided];
    const v1::TraceStep shown = Step(*step);
    answer_.set_hook(shown.hook());
    answer_.set_chain(shown.chain());
    answer_.set_rule(shown.rule());
    answer_.set_element(shown.element());
    FindMapping();
    if (!refusal.empty()) {
      Give(refusal);
    } else if (trace_.verdict == Trace::Verdict::kAnswer) {
      Give("proxied");
    } else if (!answer_.mapping().empty()) {
      Give("mapping");
    } else {
      Give(ReasonToAccept(*step));
    }
    if (answer_.policy().empty()) answer_.set_policy(PolicyBehind(answer_.reason()));
  }

  static bool IsShared(const std::string& chain) {
    return !RefusalIn(chain).empty() || absl::StartsWith(chain, absl::StrCat("in", kNeededInfix)) ||
           absl::StartsWith(chain, absl::StrCat("out", kNeededInfix));
  }

  absl::string_view ReasonToAccept(const Trace::Step& step) const {
    const bool out = trace_.packet.out.has_value();
    const auto& device = out ? trace_.packet.out : trace_.packet.in;
    if (device.has_value() && device->type == ARPHRD_LOOPBACK) return "loopback";
    const uint32_t state = trace_.tracking.state;
    const std::string& chain = step.rule.chain;
    if (AsksForState(step) && state == NF_CT_STATE_BIT(IP_CT_ESTABLISHED)) return "established";
    if (state == NF_CT_STATE_BIT(IP_CT_RELATED) &&
        (AsksForState(step) || absl::StartsWith(chain, kRelatedChain))) {
      return "related";
    }
    if (chain == kEssentialInboundChain || chain == kEssentialOutboundChain) return "essential";
    if (profile_.has_value() && profile_->firewall == v1::Firewall::off) return "firewall-off";
    return "allowed";
  }

  // Names the mapping that made the last element or chain on the packet's way.
  void FindMapping() {
    for (auto step = trace_.steps.rbegin(); step != trace_.steps.rend(); ++step) {
      // A mapping is found by its chain or by its element.
      auto origin = traced_.origins.find({step->rule.chain, {}});
      if (origin == traced_.origins.end() && step->rule.element.has_value()) {
        origin = traced_.origins.find({step->rule.map, ruleset::Bytes(step->rule.element->key())});
      }
      if (origin == traced_.origins.end()) continue;
      // A mapping that refuses did not let this packet pass; the packet passed because the host
      // needs it.
      const bool refuses = origin->second->action() != v1::Traffic::allow;
      if (refuses && trace_.verdict == Trace::Verdict::kAccept && !answer_.observed()) return;
      answer_.set_mapping(origin->second->name());
      answer_.set_policy(origin->second->policy());
      return;
    }
  }

  // Returns the policy that set what this reason depends on.
  std::string PolicyBehind(absl::string_view reason) const {
    if (!profile_.has_value()) return "";
    if (absl::StartsWith(reason, "icmp")) return profile_->icmp_policy;
    if (reason == "outbound") return profile_->outbound_default_policy;
    if (reason == "forward" && !profile_->forward_default_policy.empty()) {
      return profile_->forward_default_policy;
    }
    if (reason == "established" || reason == "related" || reason == "loopback" ||
        reason == "essential" || reason == "allowed") {
      return "";
    }
    return profile_->firewall_policy;
  }

  const Trace& trace_;
  const Traced& traced_;
  std::optional<Profile> profile_;
  v1::TraceAnswer answer_;
};

}  // namespace

bool IsObserved(const Trace& trace) {
  return trace.verdict == Trace::Verdict::kAccept && trace.why.empty() &&
         trace.decided.has_value() && !RefusalIn(trace.steps[*trace.decided].rule.chain).empty();
}

const char* ReasonDetail(absl::string_view reason) { return DetailOf(reason); }

v1::TraceAnswer Explain(const Trace& trace, const Traced& traced) {
  return Explanation(trace, traced).Answer();
}

}  // namespace firebreak::policy
