#include "controller/event_log.h"

#include <grpc/support/log.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/time/passed.h"

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

constexpr int kGrpcLines = 20;
constexpr absl::Duration kGrpcWindow = absl::Minutes(10);

// Counts gRPC's lines, and says which of them are written.
class GrpcLines {
 public:
  // Nothing: do not write it. Otherwise, how many before it were not written.
  std::optional<int> Admit(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (HasPassed(kGrpcWindow, begin_, now)) {
      begin_ = now;
      written_ = 0;
    }
    if (written_ == kGrpcLines) {
      ++dropped_;
      return std::nullopt;
    }
    ++written_;
    return std::exchange(dropped_, 0);
  }

 private:
  absl::Mutex mutex_;
  absl::Time begin_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int written_ ABSL_GUARDED_BY(mutex_) = 0;
  int dropped_ ABSL_GUARDED_BY(mutex_) = 0;
};

void LogGrpc(gpr_log_func_args* args) {
  static auto* const lines = new GrpcLines;  // outlives gRPC's threads
  const std::optional<int> dropped = lines->Admit(absl::Now());
  if (!dropped.has_value()) return;
  if (*dropped > 0) LogWarning(*dropped, " more messages of gRPC were not logged");
  LogLine(args->severity == GPR_LOG_SEVERITY_ERROR ? Severity::kWarning : Severity::kInfo,
          absl::StrCat("gRPC: ", args->message));
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

void LogGrpcHere() { gpr_set_log_function(LogGrpc); }

}  // namespace firebreak::controller
