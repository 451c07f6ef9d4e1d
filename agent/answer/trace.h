// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_TRACE_H_
#define FIREBREAK_AGENT_ANSWER_TRACE_H_

#include <memory>

#include "agent/answer/reply.h"
#include "agent/revision/revision_keeper.h"

namespace firebreak::agent {

// Answers a TraceQuestion: follows the packet through the rules that the kernel has now, with the
// host's present interfaces, routes and connections. Takes some milliseconds, and memory in
// proportion to the elements of the rules.
void AnswerTrace(std::shared_ptr<Reply> reply, RevisionKeeper& keeper);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_TRACE_H_
