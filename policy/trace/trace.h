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

// A packet's whole way through a host, past its rules and what the kernel does between them.
struct Trace {
  enum class Verdict {
    kAccept,
    kDrop,
    kHold,    // a fragment that waits for the others
    kAnswer,  // the kernel itself answers (synproxy)
  };
  // A rule, or the policy of a base chain, that said something.
  struct Step {
    std::string hook;  // "prerouting", as nft(8) calls it
    std::string base_chain;
    bool netdev = false;     // the chain is in the netdev table
    bool by_policy = false;  // `rule` means nothing
    Decision::Step rule;
    bool accepted = false;  // at this hook
  };

  Verdict verdict = Verdict::kAccept;
  std::string hook;  // where it ended
  std::vector<Step> steps;
  // The step that decided; none: the kernel did, or there was nothing to decide.
  std::optional<size_t> decided;
  std::string why;  // of what the kernel decided
  // Keys that the packet has put into sets of the inet table.
  std::vector<Decision::Update> updates;
  Tracking tracking;  // state 0: conntrack has not seen it
  Packet packet;      // at the end of its way
};

// Where the packet comes to, and which rule decides. It comes in if `packet.in` is set; else the
// host sends it by `packet.out`: through IP, or through a packet socket if it is not `routed`.
Trace TracePacket(const ruleset::Ruleset& ruleset, const HostState& host, Packet packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_TRACE_H_
