// SPDX-License-Identifier: Apache-2.0
#include "controller/grpc_log.h"

#include <grpc/support/log.h>

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/log/log.h"
#include "base/time/passed.h"

namespace firebreak::controller {
namespace {

constexpr int kGrpcLines = 20;
constexpr absl::Duration kGrpcWindow = absl::Minutes(10);

// Counts gRPC's lines, and decides which of them are written.
class GrpcLines {
 public:
  // Returns nullopt if the line is not to be written; otherwise the number of unwritten lines
  // before it.
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
  // Never destroyed, because gRPC's threads may outlive main.
  static auto* const lines = new GrpcLines;
  const std::optional<int> dropped = lines->Admit(absl::Now());
  if (!dropped.has_value()) return;
  if (*dropped > 0) LogWarning(*dropped, " more messages of gRPC were not logged");
  LogLine(args->severity == GPR_LOG_SEVERITY_ERROR ? Severity::kWarning : Severity::kInfo,
          absl::StrCat("gRPC: ", args->message));
}

}  // namespace

void LogGrpcHere() { gpr_set_log_function(LogGrpc); }

}  // namespace firebreak::controller
