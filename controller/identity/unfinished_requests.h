// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_UNFINISHED_REQUESTS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_UNFINISHED_REQUESTS_H_

#include <grpc/grpc.h>

#include <cstddef>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {

// Bounds what callers can make the controller hold of requests that they do not finish.
// gRPC has no limit for these: it takes in what comes until the message is complete, up to 4 GiB,
// and only then looks how long it is. An honest request comes in one packet with its call, so that
// few are unfinished at any time, and none for long.
//
// Thread-safe.
class UnfinishedRequests {
 public:
  struct Limits {
    size_t max_unfinished;
    // How much more memory the process may have in use than it had when nothing was unfinished.
    size_t max_growth;
    // Younger ones are not at fault when the memory grows.
    absl::Duration spared;
  };
  // While thousands of hosts connect the memory grows for other reasons, and theirs are short.
  static constexpr Limits kMembers{
      .max_unfinished = 4096, .max_growth = 256 << 20, .spared = absl::Seconds(1)};

  explicit UnfinishedRequests(const Limits& limits);
  UnfinishedRequests(const UnfinishedRequests&) = delete;
  UnfinishedRequests& operator=(const UnfinishedRequests&) = delete;
  ~UnfinishedRequests();

  // A request is going to be read. Until End, its call is cancelled if it takes longer than
  // `max_time`, if too many others are begun after it, or if all together take too much memory.
  void Begin(grpc_call* call, absl::Duration max_time) ABSL_LOCKS_EXCLUDED(mutex_);
  // To be called while the call exists; cancelled or not.
  void End(grpc_call* call) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Unfinished {
    grpc_call* call;
    absl::Duration since;
    absl::Duration until;
  };

  void Watch() ABSL_LOCKS_EXCLUDED(mutex_);
  // The calls that must be cancelled now, with a reference to each.
  std::vector<grpc_call*> RemoveOverdue() ABSL_LOCKS_EXCLUDED(mutex_);

  const Limits limits_;
  absl::Mutex mutex_;
  SteadyCondition changed_;
  std::list<Unfinished> unfinished_ ABSL_GUARDED_BY(mutex_);  // the oldest first
  size_t in_use_before_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_UNFINISHED_REQUESTS_H_
