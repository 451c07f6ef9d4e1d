#ifndef FIREBREAK_AGENT_LOG_LOG_H_
#define FIREBREAK_AGENT_LOG_LOG_H_

#include "absl/strings/string_view.h"

namespace firebreak::agent {

enum class Level { kInfo, kWarning, kError };

// One line on standard error: time (UTC), level, message. Control characters in the message, which
// may quote others' words, come out as escapes. Any thread.
void Log(Level level, absl::string_view message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOG_LOG_H_
