// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_MAPPINGS_H_
#define FIREBREAK_AGENT_ANSWER_MAPPINGS_H_

#include <memory>
#include <vector>

#include "agent/answer/reply.h"
#include "agent/answer/snapshot.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Returns the mappings in the order in which they decide, followed by the ICMP options, for each
// location and each set of interfaces for which the same sections of the policies hold. Locations
// without an interface are left out unless `everywhere`.
std::vector<v1::HostMapping> DescribeMappings(const Snapshot& host, bool everywhere);

// Answers a MappingsQuestion.
void AnswerMappings(std::shared_ptr<Reply> reply, const Snapshot& host);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_MAPPINGS_H_
