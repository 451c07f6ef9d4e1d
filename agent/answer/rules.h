// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_RULES_H_
#define FIREBREAK_AGENT_ANSWER_RULES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/answer/reply.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {

// Answers a RulesQuestion with rules that were read back from the kernel.
void AnswerRules(std::shared_ptr<Reply> reply, const absl::StatusOr<ruleset::Ruleset>& rules);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_RULES_H_
