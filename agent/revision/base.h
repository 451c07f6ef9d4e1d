#ifndef FIREBREAK_AGENT_REVISION_BASE_H_
#define FIREBREAK_AGENT_REVISION_BASE_H_

#include "agent/revision/lifecycle.h"

namespace firebreak::agent::lifecycle {

using Target = std::variant<Nothing, Shut, Revision>;

// What would be in force without any trial.
Base BaseOf(const Standing& standing);
// What the kernel is given for it.
Target TargetOf(const Base& base);

}  // namespace firebreak::agent::lifecycle

#endif  // FIREBREAK_AGENT_REVISION_BASE_H_
