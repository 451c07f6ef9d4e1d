#ifndef FIREBREAK_CONTROLLER_IDENTITY_STRANGERS_MESSAGES_H_
#define FIREBREAK_CONTROLLER_IDENTITY_STRANGERS_MESSAGES_H_

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

// Bounds what strangers can make the controller hold of messages that they do not finish. gRPC has
// no limit for these: it takes in what comes until the message is complete, up to 4 GiB, and only
// then looks how long it is. An honest message comes in one packet with its call, so that few are
// unfinished at any time, and none for long.
//
// Thread-safe.
class StrangersMessages {
 public:
  // A token, a name and a signing request are less than 1 KiB.
  static constexpr size_t kMaxBytes = 16 << 10;
  static constexpr size_t kMaxUnfinished = 64;
  static constexpr absl::Duration kMaxTime = absl::Seconds(2);
  // How much more memory the process may have in use than it had when nothing was unfinished.
  static constexpr size_t kMaxGrowth = 16 << 20;

  StrangersMessages();
  StrangersMessages(const StrangersMessages&) = delete;
  StrangersMessages& operator=(const StrangersMessages&) = delete;
  ~StrangersMessages();

  // A message is going to be read. Until End, its call is cancelled if it takes too long, if too
  // many others are begun after it, or if all together take too much memory.
  void Begin(grpc_call* call) ABSL_LOCKS_EXCLUDED(mutex_);
  // To be called while the call exists; cancelled or not.
  void End(grpc_call* call) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Unfinished {
    grpc_call* call;
    absl::Duration since;
  };

  void Watch() ABSL_LOCKS_EXCLUDED(mutex_);
  // The calls that must be cancelled now, with a reference to each.
  std::vector<grpc_call*> TakeOverdue() ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  SteadyCondition changed_;
  std::list<Unfinished> unfinished_ ABSL_GUARDED_BY(mutex_);  // the oldest first
  size_t in_use_before_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_STRANGERS_MESSAGES_H_
