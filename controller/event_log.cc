#include "controller/event_log.h"

#include <grpc/support/log.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace firebreak::controller {
namespace {

absl::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "";
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

void LogLine(Severity severity, absl::string_view message) {
  std::string line =
      absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()), " ",
                   Name(severity), " ");
  if (std::any_of(message.begin(), message.end(), IsControl)) {
    absl::StrAppend(&line, absl::Utf8SafeCEscape(message));
  } else {
    absl::StrAppend(&line, message);
  }
  line.push_back('\n');
  // Nobody is left to be told if stderr is closed.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

void LogGrpcHere() {
  gpr_set_log_function([](gpr_log_func_args* args) {
    if (args->severity == GPR_LOG_SEVERITY_ERROR) {
      LogError("gRPC: ", args->message);
    } else {
      LogInfo("gRPC: ", args->message);
    }
  });
}

}  // namespace firebreak::controller
