#ifndef FIREBREAK_AGENT_ANSWER_TRACE_H_
#define FIREBREAK_AGENT_ANSWER_TRACE_H_

#include <memory>

#include "agent/answer/reply.h"
#include "agent/revision/revision_keeper.h"

namespace firebreak::agent {

// Answers TraceQuestion: follows the packet through the rules as the kernel has them now, with the
// host's interfaces, routes and connections as they are now. Takes some milliseconds, and more
// memory the more elements the rules have, until it is done.
void AnswerTrace(std::shared_ptr<Reply> reply, RevisionKeeper& keeper);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_TRACE_H_
