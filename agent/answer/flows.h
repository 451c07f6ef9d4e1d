// SPDX-License-Identifier: Apache-2.0
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

// Selects the flows that a FlowsQuestion asks for.
class FlowFilter {
 public:
  // InvalidArgument: the question names something that is not an address, or an interface that the
  // host does not have.
  static absl::StatusOr<FlowFilter> Make(const v1::FlowsQuestion& question, const Snapshot& host);

  // Returns nullopt for a flow that the question does not ask for.
  std::optional<v1::HostFlow> Describe(const Flow& flow) const;

 private:
  FlowFilter(const v1::FlowsQuestion& question, const Snapshot& host);

  bool Wants(const Flow& flow) const;
  // Sets the interface that has one of the flow's addresses, and the direction that follows from
  // it.
  void Place(const Flow& flow, v1::HostFlow& described) const;

  const v1::FlowsQuestion question_;
  std::optional<policy::Prefix> address_;
  std::map<std::string, std::string> interfaces_;  // keys are addresses of 4 or 16 bytes
};

// Returns the state of a TCP flow by the kernel's name in small letters ("established", …), and
// "unreplied", "replied" or "assured" for other protocols. The text lives forever.
const char* FlowState(const Flow& flow);

// Answers a FlowsQuestion from the kernel's table while the table is being read. Call this on a
// thread of its own.
absl::StatusOr<v1::Answer> ProduceFlows(const v1::FlowsQuestion& question, const Snapshot& host,
                                        const BackgroundAnswers::Emit& emit);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_FLOWS_H_
