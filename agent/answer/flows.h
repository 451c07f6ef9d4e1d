#ifndef FIREBREAK_AGENT_ANSWER_FLOWS_H_
#define FIREBREAK_AGENT_ANSWER_FLOWS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/answer/background_answers.h"
#include "agent/answer/snapshot.h"
#include "agent/kernel/conntrack/flow.h"
#include "firebreak/v1/host.pb.h"
#include "policy/resources/prefix.h"

namespace firebreak::agent {

// What a FlowsQuestion lets through.
class FlowFilter {
 public:
  // InvalidArgument: it names an address that is none, or an interface that the host does not have.
  static absl::StatusOr<FlowFilter> Make(const v1::FlowsQuestion& question, const Snapshot& host);

  // None: it is not asked for.
  std::optional<v1::HostFlow> Describe(const Flow& flow) const;

 private:
  FlowFilter(const v1::FlowsQuestion& question, const Snapshot& host);

  bool Wants(const Flow& flow) const;
  // The interface that has one of the flow's addresses, and what that says of its direction.
  void Place(const Flow& flow, v1::HostFlow& described) const;

  const v1::FlowsQuestion question_;
  std::optional<policy::Prefix> address_;
  std::map<std::string, std::string> interfaces_;  // by address, 4 or 16 bytes
};

// For TCP "established", …, as the kernel's conntrack names it; for others "unreplied", "replied"
// or "assured". Lives forever.
const char* FlowState(const Flow& flow);

// Answers FlowsQuestion from the kernel's table, as it is read; on a thread of its own.
absl::StatusOr<v1::Answer> ProduceFlows(const v1::FlowsQuestion& question, const Snapshot& host,
                                        const BackgroundAnswers::Emit& emit);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_FLOWS_H_
