// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STANDALONE_TAKEOVER_H_
#define FIREBREAK_AGENT_STANDALONE_TAKEOVER_H_

#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::agent {

// What changes for packets when a fleet's policy comes in place of the one that a host had made for
// itself: "closes in tcp/22 from anybody: mapping ssh of policy own before, no mapping opens it
// after". At most `most` lines, and one that counts the rest.
std::vector<std::string> DescribeTakeover(const v1::EffectivePolicy& before,
                                          const v1::EffectivePolicy& after, size_t most);

// Writes that to the agent's log.
void TellTakeover(const v1::EffectivePolicy& before, const v1::EffectivePolicy& after);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STANDALONE_TAKEOVER_H_
