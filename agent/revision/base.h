// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_BASE_H_
#define FIREBREAK_AGENT_REVISION_BASE_H_

#include "agent/revision/lifecycle.h"

namespace firebreak::agent::lifecycle {

using Target = std::variant<Nothing, Shut, Revision>;

// Returns what would be in force without any trial.
Base BaseOf(const Standing& standing);
// Returns what the kernel is given for `base`.
Target TargetOf(const Base& base);

}  // namespace firebreak::agent::lifecycle

#endif  // FIREBREAK_AGENT_REVISION_BASE_H_
