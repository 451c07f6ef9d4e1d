#ifndef FIREBREAK_CONTROLLER_EVENT_LOG_H_
#define FIREBREAK_CONTROLLER_EVENT_LOG_H_

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace firebreak::controller {

enum class Severity { kInfo, kWarning, kError };

// Writes "TIME LEVEL message" as one line to stderr, in one write so that threads do not mix.
// Control characters are escaped, for parts of a message come from the network.
void LogLine(Severity severity, absl::string_view message);

template <typename... Parts>
void LogInfo(const Parts&... parts) {
  LogLine(Severity::kInfo, absl::StrCat(parts...));
}
template <typename... Parts>
void LogWarning(const Parts&... parts) {
  LogLine(Severity::kWarning, absl::StrCat(parts...));
}
template <typename... Parts>
void LogError(const Parts&... parts) {
  LogLine(Severity::kError, absl::StrCat(parts...));
}

// Sends gRPC's own complaints to the same place. Strangers can cause them (failed handshakes), so
// only so many are written in a while, and the others counted.
void LogGrpcHere();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_EVENT_LOG_H_
