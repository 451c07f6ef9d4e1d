// SPDX-License-Identifier: Apache-2.0
#include "cli/connection/handshake_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "absl/base/const_init.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/support/log.h"

namespace firebreak::cli {
namespace {

// gRPC writes to its log from its own threads.
ABSL_CONST_INIT absl::Mutex mutex(absl::kConstInit);
std::string& Last() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
  static auto* last = new std::string;  // never destroyed, because gRPC's threads may outlive main
  return *last;
}

void Record(gpr_log_func_args* line) {
  const absl::string_view message = line->message;
  if (getenv("GRPC_VERBOSITY") != nullptr) fprintf(stderr, "%s\n", line->message);
  // The message is, for example, "Handshake failed with fatal error SSL_ERROR_SSL:
  // error:0A000086:SSL routines::certificate verify failed."
  // (src/core/tsi/ssl_transport_security.cc)
  if (message.find("Handshake failed") == absl::string_view::npos) return;
  const size_t reason = message.rfind("::");
  absl::MutexLock lock(&mutex);
  Last() = std::string(reason == absl::string_view::npos ? message : message.substr(reason + 2));
}

}  // namespace

void RecordHandshakes() {
  gpr_set_log_function(&Record);
  absl::MutexLock lock(&mutex);
  Last().clear();
}

std::string LastHandshakeError() {
  absl::MutexLock lock(&mutex);
  return Last();
}

}  // namespace firebreak::cli
