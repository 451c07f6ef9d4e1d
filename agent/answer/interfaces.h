#ifndef FIREBREAK_AGENT_ANSWER_INTERFACES_H_
#define FIREBREAK_AGENT_ANSWER_INTERFACES_H_

#include "agent/answer/snapshot.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// The answer to InterfacesQuestion.
v1::InterfacesAnswer DescribeInterfaces(const Snapshot& host);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_INTERFACES_H_
