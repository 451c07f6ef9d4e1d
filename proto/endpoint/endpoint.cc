#include "proto/endpoint/endpoint.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "absl/synchronization/mutex.h"

namespace firebreak {

void PrepareProcess() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  // gRPC 1.51 has no public setting for the lowest TLS version. Its cipher list governs TLS 1.2
  // only (TLS 1.3 has suites of its own), so a list of nothing but a cipher that needs a
  // pre-shared key, of which there is none, leaves no way to finish a TLS 1.2 handshake.
  setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", /*overwrite=*/1);

  // Keys live in this process: no core dump, no ptrace by another process of the same user.
  prctl(PR_SET_DUMPABLE, 0);

  signal(SIGPIPE, SIG_IGN);
}

}  // namespace firebreak
