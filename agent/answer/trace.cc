// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/trace.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/kernel/control_groups/units.h"
#include "agent/kernel/settings/accounts.h"
#include "agent/trace/read_host_state.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "policy/compile/compile.h"
#include "policy/compile/origins.h"
#include "policy/merge/local_mapping.h"
#include "policy/merge/local_switch.h"
#include "policy/trace/explain.h"
#include "policy/trace/question.h"
#include "policy/trace/trace.h"

namespace firebreak::agent {
namespace {

// A name that the host's file has becomes the user's number.
v1::TraceQuestion WithNumbers(v1::TraceQuestion question) {
  if (question.user().empty()) return question;
  const policy::Senders senders = FindAccounts({question.user()}, {});
  const auto found = senders.users.find(question.user());
  if (found != senders.users.end()) question.set_user(absl::StrCat(found->second));
  return question;
}

absl::StatusOr<v1::TraceAnswer> MakeTrace(const v1::TraceQuestion& asked, RevisionKeeper& keeper) {
  const v1::TraceQuestion question = WithNumbers(asked);
  ASSIGN_OR_RETURN(HostSockets sockets, HostSockets::Open());
  ASSIGN_OR_RETURN(policy::HostState host, ReadHostState(sockets));
  RETURN_IF_ERROR(policy::RouteAsAsked(question, host));
  ASSIGN_OR_RETURN(policy::Packet packet, policy::PacketOf(question, host));
  if (!question.unit().empty()) {
    packet.control_groups = ControlGroupsOf(FindControlGroups(), question.unit());
    if (packet.control_groups.empty()) {
      return absl::NotFoundError(absl::StrCat(
          "unit ", Escape(question.unit()),
          " does not run on this host, or its control group (cgroup v2) cannot be found"));
    }
  }

  ASSIGN_OR_RETURN(const ruleset::Ruleset rules, keeper.ReadRules());
  const v1::EffectivePolicy effective = keeper.PolicyInForce();
  const std::vector<policy::Interface> interfaces = keeper.Interfaces();
  // Compiled once more to learn which mapping an element of the kernel's stands for.
  const policy::Origins origins = keeper.OriginsOf(effective);

  const policy::Trace trace = policy::TracePacket(rules, host, std::move(packet));
  v1::TraceAnswer answer = policy::Explain(trace, {rules, effective, interfaces, origins});
  answer.set_revision(keeper.RevisionInForce());
  if (answer.policy() == policy::kLocalPolicy) {
    const v1::LocalMapping* const own =
        policy::FindLocalMapping(keeper.mappings(), answer.mapping());
    if (own != nullptr) {
      answer.set_program(absl::StrCat(own->program(), ", of ", own->user(), "; mapping ",
                                      own->number(), ", by ", own->granted_by()));
    }
  }
  return answer;
}

}  // namespace

void AnswerTrace(std::shared_ptr<Reply> reply, RevisionKeeper& keeper) {
  absl::StatusOr<v1::TraceAnswer> made = MakeTrace(reply->question().trace(), keeper);
  if (!made.ok()) return reply->Fail(made.status());
  v1::Answer answer;
  *answer.mutable_trace() = *std::move(made);
  reply->Last(std::move(answer));
}

}  // namespace firebreak::agent
