// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_TRACE_H_
#define FIREBREAK_POLICY_TRACE_TRACE_H_

#include <optional>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"
#include "policy/trace/conntrack.h"
#include "policy/trace/evaluate.h"
#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// A packet's whole way through a host: the rules that it passed, and what the kernel does between
// them.
struct Trace {
  enum class Verdict {
    kAccept,
    kDrop,
    kHold,    // a fragment that waits for the other fragments
    kAnswer,  // the kernel itself answers (synproxy)
  };
  // A rule that gave a verdict, or the policy of a base chain.
  struct Step {
    std::string hook;  // the name in nft(8), for example "prerouting"
    std::string base_chain;
    bool netdev = false;     // whether the chain is in the netdev table
    bool by_policy = false;  // whether the chain's policy decided; `rule` has no meaning then
    Decision::Step rule;
    bool accepted = false;  // whether the packet was accepted at this hook
  };

  Verdict verdict = Verdict::kAccept;
  std::string hook;  // where the way ended
  std::vector<Step> steps;
  // The step that decided; nullopt if the kernel decided, or there was nothing to decide.
  std::optional<size_t> decided;
  std::string why;  // the reason, if the kernel decided
  // The keys that the packet has put into sets of the inet table.
  std::vector<Decision::Update> updates;
  Tracking tracking;  // state 0 means that conntrack has not seen the packet
  Packet packet;      // at the end of its way
};

// The base chains of a ruleset, looked up once for tracing many packets. The ruleset must outlive
// this object and must not change.
class BaseChains {
 public:
  struct Hooked {
    const ruleset::Table* table;
    const std::string* name;
    const ruleset::Chain* chain;
  };

  explicit BaseChains(const ruleset::Ruleset& ruleset);

  // Sorted by priority.
  const std::vector<Hooked>& inet() const { return inet_; }
  const std::vector<Hooked>& netdev() const { return netdev_; }

 private:
  std::vector<Hooked> inet_, netdev_;
};

// Follows a packet to its end, and finds the rule that decides. The packet comes in if `packet.in`
// is set; otherwise the host sends it by `packet.out`, through IP or, if it is not `routed`,
// through a packet socket.
Trace TracePacket(const ruleset::Ruleset& ruleset, const HostState& host, Packet packet);
// The same; `chains` must be those of the ruleset.
Trace TracePacket(const ruleset::Ruleset& ruleset, const BaseChains& chains, const HostState& host,
                  Packet packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_TRACE_H_
