// SPDX-License-Identifier: Apache-2.0
#include "proto/endpoint/endpoint.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "absl/synchronization/mutex.h"

namespace firebreak {

void PrepareProcess() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  // gRPC 1.51 has no public setting for the lowest TLS version. Its cipher list applies to TLS 1.2
  // only, because TLS 1.3 has cipher suites of its own. The list here contains only a cipher that
  // needs a pre-shared key, and there is none, so no TLS 1.2 handshake can succeed.
  setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", /*overwrite=*/1);

  // The process holds private keys, so it makes no core dump, and other processes of the same user
  // cannot ptrace it.
  prctl(PR_SET_DUMPABLE, 0);

  signal(SIGPIPE, SIG_IGN);
}

}  // namespace firebreak
